"""The seeds of Rust: the host and the runtime of test libraries, compiled once, and prebuilt crates, once for each set of them
that tasks list. Nothing in them depends on a candidate.

With rustc's own linker the test libraries are linked without the C compiler; the system libraries that rustc names are then
empty stubs, as the host has the real ones loaded already. They are laid beside the candidate, where access(2) sees them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from stagerun.contracts import Command, Seed
from stagerun_evaluators.rust.prebuilt import SHIPPED, Extern, keys_of, seed_of
from stagerun_evaluators.rust.toolchain import Toolchain

NAME = "harness"
FOLDER = "{seed:harness}"
SOURCES = Path(__file__).parent / "harness"
# gcc asks access(2) whether it may start the linker that rustc brings. That call takes no account of capabilities, so below a
# root's home the answer is no; the system's own linker always is where it can be started.
SYSTEM_LD = ("-Clink-arg=-fuse-ld=bfd",)
STUBS = {
    f"stagerun-libs/lib{name}.so": "/* loaded already */" for name in ("gcc_s", "util", "rt", "pthread", "m", "dl", "c")
}


def harness(chain: Toolchain, timeout: float, memory_mb: int) -> Seed:
    """The seed for a toolchain."""
    rustc, every = f"'{chain.program('rustc')}'", "--edition=2021 -Cprefer-dynamic -Copt-level=2 -Cdebuginfo=0"
    ld = " ".join(SYSTEM_LD) if chain.lld else ""
    search = f"{ld} -Clink-arg=-Wl,-rpath,'$ORIGIN' -Clink-arg=-Wl,-rpath,'{chain.library}'"
    script = (
        f"{rustc} --crate-name=stagerun_rt --crate-type=dylib {every} {ld} rt.rs"
        f" && {rustc} --crate-name=host {every} {search} -Clink-arg=-Wl,--no-as-needed,-lm"
        " --extern stagerun_rt=libstagerun_rt.so host.rs"
    )
    return Seed(
        name=NAME,
        command=Command(("sh", "-c", script), timeout=timeout, memory_mb=memory_mb, reads=chain.reads),
        files={name: (SOURCES / name).read_text(encoding="utf-8") for name in ("rt.rs", "host.rs")},
    )


def vendored(folder: str) -> tuple[str, ...]:
    """What has cargo take every crate from a folder of sources."""
    place = f"--config=source.vendored.directory='{folder}'"
    return ("--config=source.crates-io.replace-with='vendored'", place)


def crates(chain: Toolchain, externs: Iterable[Extern], sources: str, timeout: float, memory_mb: int) -> Seed:
    """The seed for a set of crates: `libKEY.rlib` for each, what they need below `deps`. Their build scripts run here.

    They are compiled as `cargo test` would compile them for a task, so a sum that overflows in one panics.
    """
    wanted = list(externs)
    cargo = (chain.program("cargo"), *vendored(sources), "build", "--offline", "--quiet", "--lib", "--features")
    quoted = " ".join(f"'{word.replace(chr(39), chr(34))}'" for word in (*cargo, ",".join(keys_of(wanted))))
    script = (
        f"cp name.sh name && chmod 755 name && {quoted} && mkdir deps && cp target/debug/deps/*.rlib deps"
        f" && {{ cp target/debug/deps/*.so deps 2>/dev/null; rm -rf target home name; }}"
    )
    return Seed(
        name=seed_of(wanted),
        command=Command(
            ("sh", "-c", script),
            timeout=timeout,
            memory_mb=memory_mb,
            environ=_environ(chain),
            reads=(*chain.reads, sources),
        ),
        files={
            "src/lib.rs": "",
            **{name: (SHIPPED / name).read_text(encoding="utf-8") for name in ("Cargo.toml", "name.sh")},
        },
    )


def _environ(chain: Toolchain) -> dict[str, str]:
    return {
        "PATH": f"{chain.home}/bin:/usr/local/bin:/usr/bin:/bin",
        "RUSTC": chain.program("rustc"),
        "RUSTC_WORKSPACE_WRAPPER": "{root}/name",
        "CARGO_HOME": "{root}/home",
        "CARGO_TARGET_DIR": "{root}/target",
        "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(SYSTEM_LD if chain.lld else ()),
    }
