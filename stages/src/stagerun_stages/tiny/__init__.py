"""The embedded default: a small world of requests, and a GPT-OSS-shaped model small enough to learn it on a CPU in minutes."""
