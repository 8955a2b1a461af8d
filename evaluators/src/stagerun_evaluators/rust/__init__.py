"""The Rust language: describes how a crate is laid out, compiled, linted, tested and read. Starts nothing itself."""

from stagerun_evaluators.rust.language import Rust

__all__ = ["Rust"]
