"""What is looked at by `stagerun doctor` and before a run: each check a small function, found by its name.

Ours stand in `stagerun.checks` entry points like anybody's. Nothing is imported here.
"""
