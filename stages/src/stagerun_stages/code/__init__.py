"""Stages about code that a model writes: `code.generate` makes saved solutions of tasks."""
