"""Runs a task's tests over a candidate, in the candidate's process, and reports on descriptor 3. A script, stdlib only.

The candidate shares this interpreter, so everything the verdict rests on is taken before it is loaded: the tests (read from
stdin, never from a file it could edit), the standard modules they use, the functions that write the report. The nonce lives
in a thread of its own, away from the stack that the candidate can walk. What a candidate could still do is what any code in
one process can do to any other with enough skill (`ctypes`, reading its own memory); a language whose reward must resist
that runs the candidate behind a pipe instead.

The report is lines `NONCE VERB REST`: built, error TEXT, passed TEST, failed TEST WHY, memory, tampered WHY, end.
"""

import _thread
import ast
import builtins
import importlib
import json
import os
import sys
import types
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

REPORT_FD = 3
LONGEST = 300  # characters of a reason
WATCHED = {"sys._current_frames", "sys.settrace", "gc.get_objects", "gc.get_referrers", "gc.get_referents"}
PLAIN = {int, float, complex, str, bytes, bool, type(None), range}
CONTAINERS = (list, tuple, set, frozenset, dict)
BUILTIN = dict(vars(builtins))
RANDOM = os.urandom

Say = Callable[[str], None]


def main() -> None:
    """Read the job, take what is needed, load the candidate, run the tests, report, leave."""
    leave = os._exit
    job = json.loads(_all_of_stdin())
    queue: SimpleQueue[str] = SimpleQueue()
    reported = _thread.allocate_lock()
    reported.acquire()
    _thread.start_new_thread(_reporter(), (job.pop("nonce"), queue.get, reported.release))
    examine(job, queue.put)
    queue.put("end")
    reported.acquire()
    leave(0)


def _all_of_stdin() -> bytes:
    """All of stdin; from here on it is empty for everybody."""
    with open(0, "rb", closefd=False) as stream:
        data = stream.read()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return data


def _reporter() -> Callable[[str, Callable[[], str], Callable[[], None]], None]:
    """The thread that signs and writes the report once it is whole. What it uses is bound here, before any candidate."""
    write, end = os.write, "end"

    def report(nonce: str, get: Callable[[], str], done: Callable[[], None]) -> None:
        text, line = "", ""
        while line != end:
            line = get()
            text += f"{nonce} {line}\n"
        data = text.encode()
        while data:
            data = data[write(REPORT_FD, data) :]
        done()

    return report


def examine(job: dict[str, Any], say: Say) -> None:
    """Load candidate and tests, run the named tests; every outcome goes to `say`."""
    liars: list[str] = []
    tree = guarded(ast.parse(job["tests"]))
    code = compile(tree, "<tests>", "exec", dont_inherit=True)
    name = job["entry"].rpartition("/")[2].removesuffix(".py")
    trusted = Trusted(_imports(tree) - {name})
    watch(liars.append)
    candidate = compiled(job["entry"], say)
    if candidate is None:
        return
    space: dict[str, Any] = {"__name__": "tests", "__builtins__": dict(BUILTIN), "__guard__": Guard(liars.append)}
    wrong = load(name, candidate, say) or attempt(lambda: exec(code, space), say)
    trusted.add("tests", space)
    for test in job["names"]:
        why = wrong or attempt(space.get(test) or _absent, say)
        say(f"failed {test} {why}" if why else f"passed {test}")
        liars.extend(trusted.replaced())
    for lie in dict.fromkeys(liars):
        say(f"tampered {lie}")


def compiled(path: str, say: Say) -> types.CodeType | None:
    """The candidate's code; None, and told, when it is not Python."""
    try:
        with open(path, "rb") as stream:
            code = compile(stream.read(), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        say(f"error {_why(error)}")
        return None
    say("built")
    return code


def load(name: str, code: types.CodeType, say: Say) -> str:
    """Import the candidate under its name; the empty string, or why it failed, which is told as well."""
    sys.path.append(os.getcwd())  # last: a candidate's json.py must not shadow the real one
    module = sys.modules[name] = types.ModuleType(name)
    module.__file__ = code.co_filename
    why = attempt(lambda: exec(code, module.__dict__), say)
    if why:
        say(f"error at import: {why}")
    return why


def attempt(what: Callable[[], object], say: Say) -> str:
    """Call it; the empty string when it returned, otherwise why not. Nothing that can be raised gets past."""
    try:
        what()
    except MemoryError as error:
        say("memory")
        return _why(error)
    except BaseException as error:
        return _why(error)
    return ""


def _absent() -> None:
    raise LookupError("no such test")


def _why(error: BaseException) -> str:
    """One line of plain ASCII; the error's own words may be the candidate's code."""
    try:
        text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    except BaseException:
        text = "an error that cannot be shown"
    return ascii(text)[1:-1][:LONGEST]


class Trusted:
    """Namespaces that a candidate must leave alone: builtins, the modules that the tests import, and the tests' own."""

    def __init__(self, names: set[str]) -> None:
        self.modules = {"builtins": builtins}
        for name in names:
            try:
                self.modules[name] = importlib.import_module(name)
            except ImportError:  # the candidate's own helper module, or a broken test, which says so when it runs
                continue
        self.before: list[tuple[str, dict[str, Any], dict[str, tuple[object, object]]]] = []
        for name, module in self.modules.items():
            self.add(name, vars(module))

    def add(self, name: str, space: dict[str, Any]) -> None:
        """From now on, functions and classes of this namespace may not be replaced; its data may."""
        self.before.append(
            (name, space, {key: (value, _code(value)) for key, value in space.items() if callable(value)})
        )

    def replaced(self) -> Iterator[str]:
        """What is no longer what it was."""
        for name, module in self.modules.items():
            if sys.modules.get(name) is not module:
                yield f"replaced module {name}"
        for name, space, before in self.before:
            for key, (value, code) in before.items():
                if space.get(key) is not value or _code(value) is not code:
                    yield f"replaced {name}.{key}"


def _code(value: object) -> object:
    """What a function written in Python does; it can be replaced inside the function."""
    return value.__code__ if type(value) is types.FunctionType else None


def _imports(tree: ast.Module) -> set[str]:
    """The absolute modules that the tests import anywhere."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def watch(tell: Say) -> None:
    """Refuse, and remember, the calls that lead to other stacks and to objects nobody handed out (PEP 578 audit hooks)."""
    watched = frozenset(WATCHED)

    def hook(event: str, args: tuple[object, ...]) -> None:  # noqa: ARG001 - its shape is the interpreter's
        if event in watched:
            tell(f"used {event}")
            raise PermissionError(event)

    sys.addaudithook(hook)


def guarded(tree: ast.Module) -> ast.Module:
    """The tests with every operand of a comparison passed through `__guard__`."""
    _Guarding().visit(tree)
    return ast.fix_missing_locations(tree)


class _Guarding(ast.NodeTransformer):
    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        node.left = self._through(node.left)
        node.comparators = [self._through(operand) for operand in node.comparators]
        return node

    def _through(self, operand: ast.expr) -> ast.expr:
        return ast.copy_location(ast.Call(ast.Name("__guard__", ast.Load()), [operand], []), operand)


class Guard:
    """Finds values that claim to equal anything: a sentinel nobody knows is put to them. Returns the value unchanged."""

    def __init__(self, tell: Say) -> None:
        self.tell = tell

    def __call__(self, value: Any) -> Any:
        if _lies(value, 0):
            self.tell("a result that equals anything")
            raise AssertionError("a result that equals anything")
        return value


def _lies(value: Any, depth: int) -> bool:
    """Whether the value, or one inside it, equals what it cannot equal. Looks at real types, which cannot be forged."""
    kind = type(value)
    if kind in PLAIN or depth > 20:
        return False
    for base in CONTAINERS:
        if issubclass(kind, base) and any(_lies(item, depth + 1) for item in base.__iter__(value)):
            return True
        if issubclass(kind, dict) and base is dict and any(_lies(item, depth + 1) for item in dict.values(value)):
            return True
    return kind not in CONTAINERS and any(_claims(value, sentinel) for sentinel in _sentinels())


def _sentinels() -> Iterator[object]:
    number = int.from_bytes(RANDOM(7), "big")
    yield from (object(), number, -number - 0.5, hex(number), [number], (number,), {number: number}, {number})


def _claims(value: Any, sentinel: object) -> bool:
    try:
        return bool(value == sentinel) or bool(value != sentinel) is False
    except Exception:
        return False


if __name__ == "__main__":
    main()
