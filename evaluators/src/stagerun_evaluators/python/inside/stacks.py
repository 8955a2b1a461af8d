"""Which code of the standard library looks at the stack for reasons of its own, and which hands frames to whoever asks.

A frame leads to its callers, down to the test that called the candidate, and from there to what the test expects. So the watch
asks who takes one. Logging, named tuples and tracebacks do so and keep it; anybody else who does it during a test is told of.
"""

from __future__ import annotations

import asyncio.base_tasks
import asyncio.coroutines
import asyncio.events
import asyncio.format_helpers
import asyncio.futures
import asyncio.streams
import asyncio.tasks
import collections
import enum
import inspect
import logging
import traceback
import typing
import warnings
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

_MODULES = (asyncio.base_tasks, asyncio.coroutines, asyncio.events, asyncio.format_helpers, asyncio.futures, asyncio.streams,
            asyncio.tasks, collections, enum, inspect, logging, traceback, typing, warnings)  # fmt: skip
_HANDING = {
    "asyncio.base_tasks": ("_task_get_stack",),
    "inspect": ("currentframe", "stack", "trace", "getouterframes", "getinnerframes"),
    "logging": ("currentframe",),
    "traceback": ("walk_stack", "walk_tb"),
}


def walkers() -> dict[str, frozenset[CodeType]]:
    """`KEEPING`: code that looks at frames and keeps them; `HANDING`: code that gives them to its caller."""
    handing = {
        code
        for module, names in _HANDING.items()
        for name in names
        for code in nested(vars(_named(module))[name].__code__)
    }
    keeping = {code for module in _MODULES for code in _codes(module)} - handing
    return {"KEEPING": frozenset(keeping), "HANDING": frozenset(handing)}


def nested(code: CodeType, whole: bool = True) -> Iterator[CodeType]:
    """A code object and those in it; only the module's own functions and methods when not `whole`."""
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType) and (whole or each.co_name != "<lambda>"):
            yield from nested(each, whole) if whole or _is_class(each) else (each,)


def _is_class(code: CodeType) -> bool:
    return not code.co_flags & inspect.CO_NEWLOCALS


def _named(name: str) -> ModuleType:
    return next(module for module in _MODULES if module.__name__ == name)


def _codes(module: ModuleType) -> Iterator[CodeType]:
    for value in _values(vars(module).values()):
        if isinstance(value, FunctionType):
            yield from nested(value.__code__)


def _values(values: Any) -> Iterator[object]:
    for value in list(values):
        yield getattr(value, "__func__", value)
        if isinstance(value, type):
            yield from (getattr(each, "__func__", each) for each in vars(value).values())
        if isinstance(value, property):
            yield value.fget
