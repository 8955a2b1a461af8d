"""Where the Rust toolchain really is. Under rustup the programs on PATH are proxies that need the user's home, which a candidate
cannot read; the folder behind them is found here without starting anything.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from pathlib import Path

from attrs import frozen

_HOST = re.compile(r"^host: (\S+)$", re.MULTILINE)
_VERSION = re.compile(r"^release: (\d+)\.(\d+)", re.MULTILINE)
INSTALL = "install Rust with rustup, or rustc, cargo and clippy of your system"


@frozen
class Toolchain:
    """`home` is the sysroot, with programs in `bin`. `host` is the target triple, `lld` the linker that came along or empty."""

    home: str
    host: str = ""
    lld: str = ""

    def program(self, name: str) -> str:
        """The path of a program."""
        return f"{self.home}/bin/{name}"

    @property
    def library(self) -> str:
        """The folder of the standard library."""
        return f"{self.home}/lib/rustlib/{self.host}/lib"

    @property
    def reads(self) -> tuple[str, ...]:
        """What commands must be able to read; the system's own folders can be read anyway."""
        return () if self.home in {"/usr", "/"} else (self.home,)


def find() -> Toolchain:
    """The toolchain on PATH; a name that leads nowhere when there is none, so that its probe says so."""
    found = shutil.which("rustc")
    if found is None:
        return Toolchain("/no-rust-on-path")
    proxy = Path(found).resolve()
    if proxy.name.startswith("rustup"):
        return Toolchain(str(_rustup() or proxy.parent))
    if proxy.parent.name == "bin" and proxy.parent.parent.joinpath("lib", "rustlib").is_dir():
        return Toolchain(str(proxy.parent.parent))
    return Toolchain(str(_rustup() or proxy.parent.parent))  # rustup's proxies can be copies


def _rustup() -> Path | None:
    """The folder of rustup's toolchain in force: the one the environment names, or else the default one."""
    home = Path(os.environ.get("RUSTUP_HOME") or Path.home() / ".rustup")
    try:
        settings = tomllib.loads((home / "settings.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        settings = {}
    name = os.environ.get("RUSTUP_TOOLCHAIN") or str(settings.get("default_toolchain", ""))
    folders = home / "toolchains"
    exact = folders / name
    if name and exact.is_dir():
        return exact
    like = sorted(folders.glob(f"{name}-*")) if name else []
    return like[0] if like else None


def told(home: str, said: str) -> Toolchain:
    """What `rustc -vV` adds: the target; and whether rustc's own linker came along."""
    host = _HOST.search(said)
    triple = host.group(1) if host else ""
    lld = Path(home, "lib", "rustlib", triple, "bin", "rust-lld")
    return Toolchain(home, triple, str(lld) if "linux" in triple and lld.is_file() else "")


def version(said: str) -> tuple[int, int]:
    """Of `rustc -vV`; zeros when it is not there."""
    found = _VERSION.search(said)
    return (int(found[1]), int(found[2])) if found else (0, 0)
