"""The seed of Rust: the host and the runtime of test libraries, compiled once. Nothing in it depends on a task or candidate.

With rustc's own linker the test libraries are linked without the C compiler; the system libraries that rustc names are then
empty stubs, as the host has the real ones loaded already. They are laid beside the candidate, where access(2) sees them.
"""

from __future__ import annotations

from pathlib import Path

from stagerun.contracts import Command, Seed
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
