"""The keeper: a small process that runs commands of untrusted code, one at a time, and leaves nothing of them behind.

It is a process of its own for four reasons. It is single-threaded, so it may fork and set limits in the child without
risking a deadlock in a trainer full of threads. It adopts every orphan below it (Linux), so that what it has no child for
cannot be running. It holds no secrets: it starts with a bare environment and is told nothing but the job. And it is a Python
already started: a Python command for the same interpreter and flags is forked from it instead of started afresh.

What it enforces is a tier of `stagerun_evaluators.sandbox`.
Only the standard library is imported below here.
"""
