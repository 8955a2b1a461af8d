"""Checks a candidate's types with mypy and reports its messages on descriptor 3. A zygote's script, and a program of its own.

`prepare` builds what mypy knows of the standard library, once; each fork adds its candidate to it and forgets both. Nothing is
cached on disk. The options stand here: no configuration file is read, no plugin loaded, comments that silence mypy are taken
out. The job, JSON on stdin: `files` {path: text}, what is to be checked and what that imports; `folders`, where modules lie.
Run with `cold` after the folder of packages, it builds everything afresh: the same messages, fifty times the work.
Not covered: the tests, and packages that are not the candidate's.
"""

import gc
import json
import os
import re
import sys
import tempfile
from typing import Any

REPORT_FD = 3
# What candidates import most; anything else is built when it is met.
COMMON = (
    "abc argparse array ast asyncio base64 bisect calendar cmath codecs collections collections.abc concurrent.futures"
    " configparser contextlib copy csv dataclasses datetime decimal difflib enum"
    " fnmatch fractions functools glob graphlib hashlib heapq html"
    " inspect io itertools json keyword locale logging math numbers operator os pathlib pickle platform pprint queue random re"
    " secrets shutil signal socket sqlite3 statistics string struct subprocess sys tempfile textwrap threading time tokenize"
    " traceback types typing typing_extensions unicodedata unittest unittest.mock urllib.parse uuid warnings weakref zlib"
).split()
_SILENCERS = re.compile(r"#\s*(?:mypy\s*:|type\s*:\s*ignore)")
_warm: list[Any] = []


def prepare() -> None:
    """Import mypy and build what is known beforehand."""
    before = list(sys.path)
    sys.path += [path for path in os.environ.get("STAGERUN_SITE", "").split(os.pathsep) if path and path not in before]
    from mypy.fscache import FileSystemCache
    from mypy.server.update import FineGrainedBuildManager

    cache = FileSystemCache()
    built = build([source(None, "__seed__", "".join(f"import {name}\n" for name in COMMON))], fine=True, cache=cache)
    _warm.append((FineGrainedBuildManager(built), cache))


def build(sources: list[Any], *, fine: bool, cache: Any = None) -> Any:
    """A build with the harness's options."""
    import mypy.build
    from mypy.options import Options

    options = Options()
    options.python_version = sys.version_info[:2]
    options.incremental = options.fine_grained_incremental = fine
    options.local_partial_types = True  # the warm way knows no other
    options.cache_dir = os.devnull
    options.disable_error_code = ["var-annotated", "import-untyped", "import-not-found"]
    options.process_error_codes(error_callback=lambda _: None)
    options.namespace_packages = options.explicit_package_bases = True
    options.show_column_numbers = False
    return mypy.build.build(sources, options, fscache=cache)


def source(path: str | None, module: str, text: str | None = None) -> Any:
    """What mypy calls a source."""
    from mypy.modulefinder import BuildSource

    return BuildSource(path, module, text)


def main() -> None:
    """Check the job's files and report."""
    with open(0, encoding="utf-8", closefd=False) as stream:
        job = json.loads(stream.read())
    modules = laid(job["files"], job["folders"])
    gc.disable()
    messages = increment(modules) if _warm else afresh(modules)
    data = json.dumps(messages).encode()
    while data:
        data = data[os.write(REPORT_FD, data) :]


def laid(files: dict[str, str], folders: list[str]) -> list[tuple[str, str]]:
    """Write the files, without what would silence mypy, to a folder of their own, and go there; module and path of each."""
    os.chdir(tempfile.mkdtemp(dir="."))
    modules: dict[str, str] = {}
    for path, text in files.items():
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "w", encoding="utf-8", errors="surrogatepass") as stream:
            stream.write(audible(text))
        modules.setdefault(module_of(path, folders), path)
    return list(modules.items())


def audible(text: str) -> str:
    """The text without comments that tell mypy to be quiet; lines stay where they are."""
    return _SILENCERS.sub("# quiet", text)


def module_of(path: str, folders: list[str]) -> str:
    """The name a file is imported by; one that the standard library has already gets another."""
    for folder in sorted(folders, key=len, reverse=True):
        if folder and path.startswith(f"{folder}/"):
            path = path[len(folder) + 1 :]
            break
    parts = [re.sub(r"\W", "_", part) for part in path.removesuffix(".py").split("/")]
    parts = parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts
    return ".".join([f"own_{parts[0]}" if parts[0] in sys.stdlib_module_names else parts[0], *parts[1:]])


def increment(modules: list[tuple[str, str]]) -> list[str]:
    """Messages, from the warm state of this fork. That is never let go: taking it down would copy each of its pages first."""
    manager, cache = _warm[0]
    cache.flush()
    found: list[str] = manager.update(modules, [])
    return found


def afresh(modules: list[tuple[str, str]]) -> list[str]:
    """Messages, from nothing."""
    from mypy.errors import CompileError

    try:
        found: list[str] = build([source(path, module) for module, path in modules], fine=False).errors
    except CompileError as error:
        return list(error.messages)
    return found


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    main()
