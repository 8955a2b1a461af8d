"""Folders on disk: the keeper's own below the system's tmp, what is left of keepers that were killed, what others can read.

A keeper locks its folder (flock) for as long as it lives; one that nobody has locked belongs to nobody and is removed by the
next keeper that starts.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

PREFIX = "stagerun-judge-"


def locked_folder() -> Path:
    """A new folder of this process; the lock goes with the process."""
    clear_old(Path(tempfile.gettempdir()))
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        folder.chmod(0o711)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # stays open on purpose
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):  # between the two calls another keeper may have taken it for an old one
            if folder.stat().st_ino == os.fstat(descriptor).st_ino:
                return folder
        os.close(descriptor)


def clear_old(place: Path) -> None:
    """Remove the folders of keepers that are gone, as far as they are ours."""
    for left in place.glob(f"{PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.geteuid() in {0, os.fstat(descriptor).st_uid}:
                    shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(descriptor)


@cache
def closed(path: str) -> bool:
    """Whether other users cannot get at a path, as it or a folder above it is closed to them."""
    place = Path(os.path.realpath(path))
    with suppress(OSError):
        needed = stat.S_IROTH | stat.S_IXOTH if place.is_dir() else stat.S_IROTH
        above = all(parent.stat().st_mode & stat.S_IXOTH for parent in place.parents)
        return not above or place.stat().st_mode & needed != needed
    return False


def size_of(folder: Path, most: int) -> int:
    """Bytes on disk below a folder; a huge number when there are more than `most` files."""
    total, count, stack = 0, 0, [str(folder)]
    while stack:
        with suppress(OSError), os.scandir(stack.pop()) as entries:
            for entry in entries:
                count += 1
                if count > most:
                    return 1 << 62
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                with suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total


SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt/conda")
# Of /etc what programs look up; no passwords, no keys, no names of users.
ETC = tuple(
    f"/etc/{name}"
    for name in (
        "alternatives",
        "ca-certificates",
        "ca-certificates.conf",
        "debian_version",
        "gai.conf",
        "host.conf",
        "hosts",
        "java-17-openjdk",
        "ld.so.cache",
        "ld.so.conf",
        "ld.so.conf.d",
        "locale.alias",
        "locale.conf",
        "localtime",
        "magic",
        "mime.types",
        "nsswitch.conf",
        "os-release",
        "pki/tls/certs",
        "protocols",
        "python3",
        "services",
        "ssl/certs",
        "ssl/openssl.cnf",
        "terminfo",
        "timezone",
    )
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def python_places() -> tuple[str, ...]:
    """What the keeper's own interpreter needs: its installation, the environment its program lies in, our own sources."""
    own = Path(sys.executable)
    home = own.parent.parent
    places = [sys.base_prefix, sys.prefix, *([str(home)] if (home / "pyvenv.cfg").exists() else [])]
    return tuple(dict.fromkeys([*places, *visible_below(Path(__file__).parents[1])]))


def visible_below(package: Path) -> list[str]:
    """The parts of a package of ours; not its tasks, whose solutions lie beside them."""
    return [str(path) for path in sorted(package.iterdir()) if path.name not in {"tasks", "__pycache__"}]


def importable(paths: list[str]) -> list[str]:
    """Of the folders Python imports from, those of installed packages, and of these not the tasks of a package of ours.

    The folder of a user's script is on that list too, and there may be anything beside it.
    """
    found: list[str] = []
    for path in paths:
        ours = sorted(Path(path).glob("stagerun*/__init__.py")) if Path(path).is_dir() else []
        packages = [one.parent for one in ours]
        if not any((package / "tasks").is_dir() for package in packages):
            found += [path] if packages or _installed(path) else []
            continue
        if _installed(path):
            found += [str(entry) for entry in sorted(Path(path).iterdir()) if entry not in packages]
        found += [part for package in packages for part in visible_below(package)]
    return found


def _installed(path: str) -> bool:
    return Path(path).name in {"site-packages", "dist-packages"} or path.startswith((sys.base_prefix, sys.prefix))
