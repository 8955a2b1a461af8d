"""Pytest, configured once and run in the lane of tests: what may run the candidate's code is handed to the main thread.

The harness owns the configuration: no ini file, no conftest but the task's own, no plugins beside pytest's. Test modules are
made from text and never lie in the candidate's folder. Not covered: `assert` explanations (see `rewrite`), doctests.
"""

from __future__ import annotations

import inspect
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import _pytest.approx
import _pytest.fixtures
import _pytest.raises
import _pytest.runner
import _pytest.unittest
import pytest
from _pytest.config import Config, get_config
from _pytest.main import Session
from _pytest.unittest import TestCaseFunction

_LEFT_OUT = ("cacheprovider", "terminal", "junitxml", "pastebin", "doctest", "stepwise", "faulthandler", "setuponly", "setupplan",
             "unraisableexception", "threadexception", "terminalprogress", "legacypath")  # fmt: skip
_PHASES = ("_callSetUp", "_callTestMethod", "_callTearDown", "_callCleanup")  # of unittest.TestCase
Through = Callable[..., Any]  # a call, and whether it is the body of a test
_THROUGH = pytest.StashKey[Through]()


def configured() -> Config:
    """A configuration that belongs to no folder yet."""
    vars(_pytest.fixtures)["call_fixture_func"] = _call_fixture
    setattr(pytest.Function, "repr_failure", _repr_failure)  # noqa: B010 - it is not to be type-checked as a method
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    args = ["-c", os.devnull, "--noconftest", "--capture=no", "--assert=plain", "-p", "no:" + " -p no:".join(_LEFT_OUT)]
    args = [word for arg in args for word in arg.split(" ")]
    config = get_config(args)
    config.parse(args)
    config._do_configure()
    return config


def _call_fixture(function: Any, request: Any, kwargs: dict[str, Any]) -> Any:
    """As pytest's own of that name, but the main thread runs the fixtures of a task."""
    through: Through = request.config.stash[_THROUGH]
    if threading.current_thread() is threading.main_thread():  # a test asked for the fixture by name
        through = _here
    if not inspect.isgeneratorfunction(function):
        return through(partial(function, **kwargs))
    steps = function(**kwargs)
    request.addfinalizer(partial(through, partial(_pytest.fixtures._teardown_yield_fixture, function, steps)))
    return through(partial(_first, steps, request.fixturename))


def _repr_failure(_: Any, excinfo: Any) -> str:
    """What the main thread said; it has no traceback worth a look."""
    return str(getattr(excinfo.value, "msg", None) or f"{type(excinfo.value).__name__}: {excinfo.value}")


def _here(call: Callable[[], Any], _: bool = False) -> Any:
    return call()


class _Text(pytest.Module):
    """A test module whose object is given."""

    given: ModuleType

    def _getobj(self) -> ModuleType:
        return self.given


class _Sub:
    """`with self.subTest(...)`: the first failure ends the test, which is worth the same."""

    def __init__(self, msg: object = None, **params: object) -> None: ...

    def __enter__(self) -> None: ...

    def __exit__(self, *raised: object) -> None: ...


class _Subtests:
    """What the fixture gives."""

    test = _Sub


class _Lanes:
    """Hooks that hand what may run the candidate's code to the main thread."""

    @pytest.fixture
    def subtests(self) -> _Subtests:
        """As pytest's, but the first subtest that fails ends its test: pytest's own says so only to its terminal."""
        return _Subtests()

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> object | None:
        """Run a test function."""
        if isinstance(pyfuncitem, TestCaseFunction) or _is_async(pyfuncitem.obj):
            return None
        arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
        pyfuncitem.config.stash[_THROUGH](partial(pyfuncitem.obj, **arguments), True)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Have the phases of a unittest case run one by one; a subtest that fails ends its test."""
        if isinstance(item, TestCaseFunction):
            case: Any = item.instance
            for name in _PHASES:
                setattr(case, name, partial(_phase, item.config.stash[_THROUGH], getattr(case, name)))
            case.subTest = _Sub


class Suite:
    """Pytest made ready: `enter` a folder before anything else. What the main thread raised is raised here by `through`."""

    def __init__(self) -> None:
        self.config = configured()
        self.config.pluginmanager.register(_Lanes(), "lanes")
        self.session = Session.from_config(self.config)
        self.config.hook.pytest_sessionstart(session=self.session)

    def enter(self, root: Path, through: Through) -> None:
        """Belong to a folder; `through` has a call run by the main thread."""
        self.through = self.config.stash[_THROUGH] = through
        self.config._rootpath = self.session.path = root
        tempfile.tempdir = None
        self.config._tmp_path_factory._given_basetemp = root / ".pytest-tmp"  # type: ignore[attr-defined]

    def module(self, path: Path, name: str, code: CodeType, space: dict[str, Any]) -> ModuleType:
        """Execute a test module; raises what that raises."""
        module = ModuleType(name)
        module.__dict__.update(space, __file__=str(path), __name__=name, __package__=name.rpartition(".")[0])
        sys.modules[name] = module
        self.through(partial(exec, code, module.__dict__))
        return module

    def conftest(self, module: ModuleType, path: Path) -> None:
        """Take a module's fixtures and hooks. Every test sees them: there are no nodes for folders, which would limit them."""
        self.config.pluginmanager.register(module, name=f"{path} of the task")

    def items(self, path: Path, module: ModuleType) -> Iterator[pytest.Item]:
        """The tests of a module; raises ValueError with pytest's words when it cannot be collected."""
        node = _Text.from_parent(self.session, path=path)
        node.given = module
        yield from self._gather(node)

    def _gather(self, node: pytest.Collector) -> Iterator[pytest.Item]:
        report = _pytest.runner.collect_one_node(node)
        if not report.passed:
            raise ValueError(str(report.longrepr))
        for each in report.result:
            if isinstance(each, pytest.Item):
                yield each
            else:
                yield from self._gather(each)

    def ready(self, items: list[pytest.Item]) -> list[pytest.Item]:
        """The items in the order to run them in."""
        self.session.items = items
        self.config.hook.pytest_collection_modifyitems(session=self.session, config=self.config, items=items)
        return items

    def run(self, item: pytest.Item, following: pytest.Item | None) -> tuple[str, str]:
        """Passed, failed or skipped, and why."""
        reports = _pytest.runner.runtestprotocol(item, log=False, nextitem=following)
        bad = [report for report in reports if report.outcome != "passed"]
        if bad or [report.when for report in reports] != ["setup", "call", "teardown"]:
            return (bad[0].outcome, _words(bad[0])) if bad else ("failed", "it was not run")
        return ("passed", "") if not hasattr(reports[1], "wasxfail") else ("failed", "it was expected to fail")


def _phase(through: Through, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return through(partial(original, *args, **kwargs), original.__name__ == "_callTestMethod")


def _first(steps: Iterator[Any], name: str) -> Any:
    try:
        return next(steps)
    except StopIteration:
        raise ValueError(f"{name} did not yield a value") from None


def _is_async(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _words(report: Any) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr or "")
    return ascii(text.strip())[1:-1][:400]
