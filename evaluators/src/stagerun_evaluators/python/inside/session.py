"""One candidate: load it, load the tests, run them, say what came of it. The job is what `language` puts on stdin:

    nonce, canary, entry; code: the candidate's Python files; own: the task's files;
    tests: {path: text}, with conftests; names: what is to be run, empty for everything.

The report is lines of a verb and the rest: built, error TEXT, passed "NAME", failed ["NAME", "WHY"], memory, tampered WHY,
broken WHY, end.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from _pytest.outcomes import Failed, Skipped

from . import lanes, rewrite, seal, stacks, suite, trusted
from .stacks import nested

HERE = Path(__file__).parent
SHORT = 0.05  # seconds; only a test that took no longer is run a second time, inverted
CLOSED = ("ctypes", "_ctypes", "ctypes._endian", "ctypes.util")
LEAVE, WRITE = os._exit, os.write
BUDGET = 400  # looks at the surface; after that they are rare
BY_NAME = re.compile(
    r"\b(pickle|__name__|modules|patch|multiprocessing|ProcessPoolExecutor|get_type_hints|import_module)\b"
)
Job = dict[str, Any]


class Session:
    """What does not depend on the candidate, made once."""

    def __init__(self) -> None:
        self.suite = suite.Suite()
        self.guard, self.watch = (seal.prepared(HERE / name) for name in ("guard.py", "watch.py"))
        lanes.prepare()
        self.tools = trusted.all_tools()
        self.walkers = stacks.walkers()

    def begin(self) -> tuple[str, lanes.Lines]:
        """Read the job: the nonce, and what makes the report. Whoever calls must not keep them: see `lanes`."""
        job = json.loads(_all_of_stdin())
        tells: SimpleQueue[str] = SimpleQueue()
        hidden = [name for name in sys.modules if name in CLOSED or name.partition(".")[0] == "inside"]
        for name in hidden:  # what forked this process needed some; none is for candidates
            del sys.modules[name]
        return job.pop("nonce"), lambda dispatch: Examination(self, job, tells, dispatch).lines()


class Examination:
    """The candidate at hand."""

    def __init__(self, session: Session, job: Job, tells: SimpleQueue[str], dispatch: lanes.Dispatch) -> None:
        self.session, self.job, self.tells, self.dispatch = session, job, tells, dispatch
        self.memory = False
        self.root = Path(os.getcwd())
        self.texts: dict[str, str] = job["tests"]
        self.ran = self.bad = False  # the body of the test at hand; any of its calls
        self.switch, self.seen = [0], [None]

    def lines(self) -> Iterator[str]:
        """Everything that is to be said."""
        if wrong := list(self._uncompiled()):
            yield from (f"error {why}" for why in wrong)
            return
        yield "built"
        for line in self._tested():
            if self.memory:
                yield "memory"
            yield line
        told = dict.fromkeys(self._told())
        yield from (f"tampered {why}" for why in told)

    def _uncompiled(self) -> Iterator[str]:
        for path in self.job["code"]:
            try:
                compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
            except (SyntaxError, ValueError, MemoryError, RecursionError, OSError) as error:
                yield f"{path}: {type(error).__name__}: {ascii(str(error))[1:-1][:300]}"

    def _told(self) -> Iterator[str]:
        while not self.tells.empty():
            yield self.tells.get()

    def _through(self, call: lanes.Call, body: bool = False) -> Any:
        """Run by the main thread; raises what that says, never the candidate's own exception."""
        kind, result = self.dispatch(call)
        self._sure()
        self.ran |= body
        self.bad |= kind != "ok"
        if kind == "ok":
            return result
        self.memory |= kind == "memory"
        if kind == "skipped":
            raise Skipped(result)
        raise Failed(result, pytrace=False)

    def _tested(self) -> Iterator[str]:
        trees = {path: ast.parse(text, path) for path, text in self.texts.items()}
        rewrite.with_canary(trees[self._first()], self.job["canary"])
        self.invertible = all(map(rewrite.invertible, trees.values()))
        self.trusted = trusted.Trusted(
            [(tree, self.texts[path]) for path, tree in trees.items()], set(self.job["taken"])
        )
        self._arm()
        codes = {path: self._code(tree, path) for path, tree in trees.items()}
        runner = self.session.suite
        runner.enter(self.root, self._through)
        sys.path += [str(self.root / folder) for folder in self.job["path"]]
        if why := self._load():
            yield f"error at import: {why}"
        items: list[pytest.Item] = []
        try:
            if not why:
                items = self._collected(runner, codes)
        except BaseException as error:
            why = ascii(getattr(error, "msg", None) or str(error))[1:-1][:400]
            yield f"error {why}"
        if why:
            yield f"unrun {why}"
            return
        yield from self._outcomes(runner, items)

    def _sure(self) -> None:
        """Leave at once when what this thread would run next was replaced: nothing that it does from here on can be believed."""
        for lie in self.trusted.replaced(self.session.tools):
            WRITE(2, f"\ntampered: {lie}\n".encode())
            LEAVE(3)

    def _first(self) -> str:
        return next(path for path in self.texts if not path.endswith("conftest.py"))

    def _arm(self) -> None:
        """Make the guards and the watch, and set them."""
        self.spaces: list[dict[str, Any]] = []
        self.of_tests: set[int] = set()
        self.named: set[int] = set()
        main = (os.getpid(), threading.main_thread().ident)
        given = {"TELL": self.tells.put, "SURFACE": self.trusted.surface, "SPACES": self.spaces, "BUDGET": [BUDGET],
                 "SWITCH": self.switch, "SEEN": self.seen, "TESTS": self.of_tests,
                 "NAMED": self.named, "MAIN": main}  # fmt: skip
        guards = self.session.guard(given)
        self.guards = {name: guards[name.strip("_")] for name in rewrite.NAMES}
        own = (str(HERE), os.path.dirname(pytest.__file__), os.path.dirname(suite.__file__), *self._paths())
        own += tuple(os.path.dirname(sys.modules[name].__file__ or "") for name in ("_pytest", "pluggy", "unittest"))
        helpers = frozenset(str(self.root / path) for path in self.job["own"])
        watch = self.session.watch(
            {
                "TELL": self.tells.put,
                "OWN": own,
                "DYNLOAD": os.path.dirname(json.__file__ or "")[:-5],
                "TESTS": self.of_tests,
                "NAMED": self.named,
                "LANE": threading.get_ident(),
                "HELPERS": helpers,
                **self.session.walkers,
            }
        )
        sys.addaudithook(watch["hook"])

    def _paths(self) -> list[str]:
        return [str(self.root / path) for path in self.texts]

    def _code(self, tree: ast.Module, path: str) -> Any:
        star = any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree))
        names = set(seal.COMPARING) if star else set(seal.BUILTINS)
        values = {name: seal.BUILTINS[name] for name in names - seal.bound(tree)} | self.guards
        code = seal.source(rewrite.guarded(tree, self.texts[path]), str(self.root / path), values)
        self.of_tests.update(map(id, nested(code)))
        self.named.update(map(id, nested(code, whole=False)))
        return code

    def _load(self) -> str:
        """Import the candidate's entry, so that its code runs before the tests are there; why that failed."""
        name = self.job["entry"]
        if not name:
            return ""
        kind, result = self.dispatch(partial(__import__, name))
        self._sure()
        self.memory |= kind == "memory"
        return "" if kind == "ok" else str(result)

    def _collected(self, runner: suite.Suite, codes: dict[str, Any]) -> list[pytest.Item]:
        items: list[pytest.Item] = []
        for path in sorted(codes, key=lambda path: (not path.endswith("conftest.py"), path.count("/"), path)):
            place = self.root / path
            module = runner.module(place, _dotted(path), codes[path], {})
            self.spaces.append(vars(module))
            self.trusted.add(_dotted(path), vars(module))
            if path.endswith("conftest.py"):
                runner.conftest(module, place)
            else:
                items += [item for item in runner.items(place, module) if self._wanted(item)]
        for path in codes:
            if not BY_NAME.search(self.texts[path]):
                sys.modules.pop(_dotted(path), None)  # candidates are not to look the tests up
        return runner.ready(items)

    def _wanted(self, item: pytest.Item) -> bool:
        """Whether it is one of the named tests, and written by the task: a candidate's own tests may have been imported."""
        code = getattr(inspect.unwrap(getattr(item, "obj", None)), "__code__", None)  # type: ignore[arg-type]
        file = os.path.relpath(code.co_filename, self.root) if code else ""
        name = self._name(item)
        wanted = name in (*self.job["names"], self.job["canary"]) or name.partition("[")[0] in self.job["names"]
        return (wanted or not self.job["names"]) and (file in self.texts or file in self.job["own"] or not file)

    def _name(self, item: pytest.Item) -> str:
        name = item.nodeid.partition("::")[2] if len(self._suites()) == 1 else item.nodeid
        canary: str = self.job["canary"]
        return canary if name.endswith(canary) else name

    def _suites(self) -> list[str]:
        return [path for path in self.texts if not path.endswith("conftest.py")]

    def _outcomes(self, runner: suite.Suite, items: list[pytest.Item]) -> Iterator[str]:
        short: list[pytest.Item] = []
        for item, following in zip(items, [*items[1:], None], strict=True):
            began = time.perf_counter()
            self.ran = self.bad = False
            outcome, why = runner.run(item, following)
            name = self._name(item)
            if outcome == "passed" and (self.bad or not self.ran):
                self.tells.put(f"pytest says that {name} passed")
            yield f"passed {json.dumps(name)}" if outcome == "passed" else f"failed {json.dumps([name, why])}"
            for lie in self.trusted.replaced(self.session.tools):
                self.tells.put(lie)
            if outcome == "passed" and time.perf_counter() - began < SHORT:
                short.append(item)
        if short and self.invertible:
            self._inverted(runner, secrets.choice(short))

    def _inverted(self, runner: suite.Suite, item: pytest.Item) -> None:
        """Run a test that passed once more with its first assertion turned round: it must not pass."""
        self.switch[0] = 1
        outcome, _ = runner.run(item, None)
        if outcome == "passed" and self.switch[0] == 2:
            self.tells.put(f"the inverted copy of {self._name(item)} passed")


def _dotted(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _all_of_stdin() -> bytes:
    """All of stdin; from here on it is empty for everybody."""
    with open(0, "rb", closefd=False) as stream:
        data = stream.read()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return data
