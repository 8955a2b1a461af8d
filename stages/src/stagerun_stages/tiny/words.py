"""The words of the small world: file names, numbers and symbols that requests and code are made of.

Names are two words run together (`cacheIndex`), so that thousands of them come from a few tokens and none can be learned by
heart: a model must copy them. Everything random comes from a `random.Random` that the caller seeds.
"""

from __future__ import annotations

from random import Random

FOLDERS = ("src", "lib", "docs", "core", "app", "tests")
ENDINGS = (".py", ".md", ".rs", ".ts")
# fmt: off
FIRST = (
    "auth", "batch", "cache", "chart", "client", "cloud", "event", "frame", "graph",
    "image", "label", "layer", "log", "memo", "mesh", "node", "page", "pixel",
)
SECOND = (
    "Config", "Guard", "Index", "Item", "Key", "Limit", "List", "Map", "Parser",
    "Pool", "Queue", "Reader", "Rule", "Store", "Table", "Task", "Timer", "View",
)
# fmt: on


def symbol(random: Random) -> str:
    """A name such as `cacheIndex`."""
    return random.choice(FIRST) + random.choice(SECOND)


def folder(random: Random) -> str:
    """A path such as `src/cacheIndex`."""
    return f"{random.choice(FOLDERS)}/{symbol(random)}"


def file(random: Random) -> str:
    """A path such as `src/cacheIndex.py`."""
    return folder(random) + random.choice(ENDINGS)


def number(random: Random) -> int:
    """A number from 1 to 99; those of one digit come up often enough to be learned."""
    return random.randint(1, 9) if random.random() < 0.3 else random.randint(10, 99)
