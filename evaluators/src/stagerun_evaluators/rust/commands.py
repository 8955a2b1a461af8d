"""The commands of both ways: quick, which calls the compilers as cargo would, and plain, which is cargo itself.

Both compile the candidate alone first; the task's tests are laid and compiled against it afterwards, and the host runs them.
A target folder is always inside the candidate's own folder: a shared one gives one candidate the verdict of another.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from stagerun.contracts import Command
from stagerun_evaluators.rust.crate import Crate
from stagerun_evaluators.rust.manifest import DEPENDING, Manifest
from stagerun_evaluators.rust.prebuilt import Extern, seed_of
from stagerun_evaluators.rust.rewrite import TestFile
from stagerun_evaluators.rust.seed import FOLDER, STUBS, SYSTEM_LD, vendored
from stagerun_evaluators.rust.suspect import Suspicions
from stagerun_evaluators.rust.toolchain import Toolchain

OUT = "{root}/stagerun-out"
CODE = ("-Ccodegen-units=1", "-Cdebuginfo=0", "-Cembed-bitcode=no")
JSON = ("--error-format=json", "--json=diagnostic-short")
LIBRARY = (
    "--crate-type=cdylib",
    "-Cprefer-dynamic",
    "-Cmetadata=tests",
)  # a crate of tests may have the candidate's name
RUNTIME = ("--extern", f"stagerun_rt={FOLDER}/libstagerun_rt.so")
IN_TESTS = ("--cap-lints=allow", "--cfg=test", "-Aexplicit_builtin_cfgs_in_flags")
AS_CLIPPY = "--cfg=clippy"  # what clippy-driver says by itself
LINTS = ("-Wclippy::correctness",)  # errors by default: they must not keep from compiling what rustc compiles
STRICT = tuple(f"--force-warn={group}" for group in ("clippy::all", "unused", "nonstandard-style"))


@frozen
class Limits:
    """Of one command, in CPU seconds and MiB."""

    timeout: float
    memory_mb: int


@frozen
class Built:
    """A file of tests made into the library at `path`: the texts to lay for that, and what its tests' names begin with."""

    file: TestFile
    files: Mapping[str, str]
    path: str
    prefix: str = "-"  # for no prefix


class Quick:
    """The compilers alone."""

    def __init__(self, chain: Toolchain, limits: Limits) -> None:
        self.chain, self.limits = chain, limits

    def build(self, crate: Crate, seen: Suspicions) -> tuple[Command, Command]:
        """What compiles the candidate, and what lints it: one command, but where the candidate makes lints into errors."""
        lints = (*LINTS, *crate.manifest.flags, *(STRICT if seen.blanket else ()))
        if not seen.denies:
            both = self._compile(crate.manifest, "clippy-driver", OUT, "--emit=link", *lints)
            return both, both
        linted = self._compile(crate.manifest, "clippy-driver", f"{OUT}/lint", "--emit=metadata", *lints)
        same = (AS_CLIPPY, "-Aexplicit_builtin_cfgs_in_flags")  # or it could show clippy another text than the tests
        return self._compile(
            crate.manifest, "rustc", OUT, "--emit=link", *same, *_of_rustc(crate.manifest.flags)
        ), linted

    def _compile(self, made: Manifest, program: str, out: str, *more: str) -> Command:
        given = _externs(made, made.externs)
        argv = ("--crate-type=lib", made.root, *_cfgs(made), *JSON, *CODE, f"--out-dir={out}", *given, *more)
        return self._command(made, program, f"--crate-name={made.name}", *argv)

    def tests(self, crate: Crate, built: Built) -> Command:
        """What compiles one file of tests against the candidate."""
        made, inside = crate.manifest, built.file in crate.unit
        root = f"stagerun-unit/{made.root}" if inside else built.file.path
        name, cfgs = (made.name, _cfgs(made)) if inside else (built.file.stem, ())
        against = () if inside else ("--extern", f"{made.name}={OUT}/lib{made.name}.rlib")
        against = (*against, *_externs(made, (*made.externs, *made.more)))
        argv = (root, *LIBRARY, *JSON, *CODE, *IN_TESTS, *cfgs, *against, *RUNTIME, *self._linker(), "-o", built.path)
        return self._command(made, "rustc", f"--crate-name={name}", *argv, files={**built.files, **STUBS})

    def _linker(self) -> tuple[str, ...]:
        if not self.chain.lld:
            return ()
        return (f"-Clinker={self.chain.lld}", "-Clinker-flavor=ld.lld", "-Lnative={root}/stagerun-libs")

    def _command(self, made: Manifest, program: str, *argv: str, files: Mapping[str, str] | None = None) -> Command:
        return Command(
            (self.chain.program(program), *argv[:1], f"--edition={made.edition}", *argv[1:]),
            timeout=self.limits.timeout,
            memory_mb=self.limits.memory_mb,
            environ=_cargos_environ(made),
            files=files or {},
            reads=self.chain.reads,
        )


class Plain:
    """Cargo, offline, with a fresh target folder for every candidate. `vendor` is a folder that `cargo vendor` made, or empty."""

    def __init__(self, chain: Toolchain, limits: Limits, vendor: str = "") -> None:
        self.chain, self.limits, self.vendor = chain, limits, vendor

    def build(self, crate: Crate, seen: Suspicions) -> tuple[Command, Command]:  # noqa: ARG002 - as the quick way's
        """`cargo check` and `cargo clippy`."""
        strict = STRICT if seen.blanket else ()
        return self._cargo("check", "--lib", "--message-format=json"), self._cargo(
            "clippy", "--lib", "--no-deps", "--message-format=json", "--", *LINTS, *strict
        )

    def tests(self, crate: Crate, built: Built) -> Command:
        """`cargo rustc` of a package that holds one file of tests and depends on the candidate's."""
        inside = built.file in crate.unit
        folder = "stagerun-unit" if inside else "stagerun-tests"
        cargo = {} if inside else {f"{folder}/Cargo.toml": manifest_of_tests(crate, built.file)}
        library = ("--crate-type=cdylib",) if inside else ()
        return self._cargo(
            *("rustc", "--lib", *library, f"--manifest-path={folder}/Cargo.toml", "--message-format=json", "--"),
            *("-Cprefer-dynamic", "-Ccodegen-units=1", *IN_TESTS, *RUNTIME, f"--emit=link={built.path}"),
            files={**built.files, **cargo},
        )

    def _cargo(self, *argv: str, files: Mapping[str, str] | None = None) -> Command:
        home = f"{self.chain.home}/bin"
        sources = vendored(self.vendor) if self.vendor else ()
        return Command(
            (self.chain.program("cargo"), argv[0], *sources, "--offline", "-j1", *argv[1:]),
            timeout=2 * self.limits.timeout,
            memory_mb=self.limits.memory_mb,
            environ={
                "PATH": f"{home}:/usr/local/bin:/usr/bin:/bin",
                "RUSTC": self.chain.program("rustc"),
                "CARGO_HOME": f"{OUT}/home",
                "CARGO_TARGET_DIR": f"{OUT}/target",
                "CARGO_NET_OFFLINE": "true",
                "CARGO_INCREMENTAL": "0",
                "CARGO_ENCODED_RUSTFLAGS": "\x1f".join((AS_CLIPPY, *(SYSTEM_LD if self.chain.lld else ()))),
                "CARGO_PROFILE_DEV_DEBUG": "0",
                "CLIPPY_CONF_DIR": "{root}",
            },
            files=files or {},
            reads=(*self.chain.reads, *((self.vendor,) if self.vendor else ())),
        )


def host(chain: Toolchain, made: Manifest, built: Sequence[Built], stdin: str, limits: Limits) -> Command:
    """What runs the tests. Their texts are laid over with nothing, as a candidate could read them while it runs."""
    return Command(
        (f"{FOLDER}/host", *(f"{each.prefix}={each.path}" for each in built)),
        timeout=limits.timeout,
        memory_mb=limits.memory_mb,
        environ=_cargos_environ(made),
        stdin=stdin,
        files={path: "" for each in built for path in (each.file.path, *each.files) if path.endswith(".rs")},
        reads=chain.reads,
    )


def _externs(made: Manifest, given: Sequence[Extern]) -> tuple[str, ...]:
    """What hands these crates over; what they need is found beside them, and not by the names in anybody's code."""
    folder = f"{{seed:{seed_of((*made.externs, *made.more))}}}"
    named = tuple(f"--extern={each.name}={folder}/{each.crate.file}" for each in given)
    return (*named, f"-Ldependency={folder}/deps") if made.externs or made.more else ()


def _of_rustc(flags: Sequence[str]) -> tuple[str, ...]:
    return tuple(flag for flag in flags if "clippy::" not in flag)


def _cfgs(made: Manifest) -> tuple[str, ...]:
    """What cargo says of features and of the names it knows."""
    table = tomllib.loads(made.text).get("features", {})
    names = ", ".join(json.dumps(name) for name in table)
    return (
        *(f'--cfg=feature="{name}"' for name in made.features),
        "--check-cfg=cfg(docsrs,test)",
        f"--check-cfg=cfg(feature, values({names}))",
    )


def _cargos_environ(made: Manifest) -> dict[str, str]:
    """What cargo tells a compiler, and where clippy's configuration is: the task's, or nowhere."""
    major, minor, patch = [*made.version.partition("-")[0].split("."), "0", "0", "0"][:3]
    package = {"NAME": made.package, "VERSION": made.version}
    package |= {"VERSION_MAJOR": major, "VERSION_MINOR": minor, "VERSION_PATCH": patch}
    return {
        **{f"CARGO_PKG_{key}": value for key, value in package.items()},
        "CARGO_MANIFEST_DIR": "{root}",
        "CARGO_CRATE_NAME": made.name,
        "CLIPPY_CONF_DIR": "{root}",
    }


def manifest_of_tests(crate: Crate, file: TestFile) -> str:
    """The Cargo.toml of a package around one file of tests: the candidate's crate, and what the task's tests depend on."""
    made = crate.manifest
    parsed = tomllib.loads(made.text)
    needs = {name: _moved(said) for key in DEPENDING[:2] for name, said in parsed.get(key, {}).items()}
    needs[made.package] = {"path": ".."}
    lines = [f"{json.dumps(name)} = {_toml(said)}" for name, said in needs.items()]
    return (
        f'[package]\nname = "stagerun-tests"\nversion = "0.0.0"\nedition = "{made.edition}"\n\n[workspace]\n\n'
        f'[lib]\nname = "{file.stem}"\npath = "../{file.path}"\ncrate-type = ["cdylib"]\n\n[dependencies]\n'
        + "\n".join(lines)
        + "\n"
    )


def _moved(said: Any) -> Any:
    """A dependency as seen from one folder below."""
    return {**said, "path": f"../{said['path']}"} if isinstance(said, dict) and "path" in said else said


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + " }"
    return json.dumps(value)
