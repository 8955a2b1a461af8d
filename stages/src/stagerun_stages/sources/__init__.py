"""The named sources: one file each, found through the entry-point group `stagerun.sources` like those of strangers.

A source is a function from a row as its authors published it to a row that training reads, or DropRow with the reason. What
their rows look like and how they break is told in docs/reference/data-formats.md.
"""
