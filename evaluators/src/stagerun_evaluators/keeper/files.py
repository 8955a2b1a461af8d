"""Files that a job brings: laid before its commands, compared after them. What a command left in the way is never followed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


class Laid:
    """The files laid so far in one folder. `shared`: commands have another user, who may add files beside ours."""

    def __init__(self, root: Path, *, shared: bool) -> None:
        self.root, self._shared = root, shared
        self._texts: dict[str, str] = {}

    def lay(self, files: dict[str, str]) -> None:
        """Write files, over whatever stands there; raises OSError when there is no room."""
        for name, text in files.items():
            self._one(name, text)
            self._texts[name] = text

    def changed(self) -> list[str]:
        """Those that are not what they were; a candidate may add files, not change the ones it is judged by."""
        return [name for name, text in self._texts.items() if not _same(self.root / name, text)]

    def _one(self, name: str, text: str) -> None:
        path = self.root
        for part in Path(name).parts[:-1]:
            path /= part
            if path.is_symlink() or (path.exists() and not path.is_dir()):
                path.unlink()
            if not path.exists():
                path.mkdir()
                if self._shared:
                    path.chmod(0o1777)  # ours, and sticky: files may be added, and not ours taken away
        path = self.root / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o444)
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(descriptor, 0o444)
            stream.write(text.encode("utf-8", "surrogatepass"))


def _same(path: Path, text: str) -> bool:
    try:
        return not path.is_symlink() and path.read_bytes() == text.encode("utf-8", "surrogatepass")
    except OSError:
        return False
