"""The Go that is installed: what its probes said, the environment it is given, the seed with the standard library compiled.

Nothing of the user's own Go settings is used, and nothing is ever downloaded.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from stagerun.contracts import Command, Completed, Seed, Tool
from stagerun_lang_go.harness import harness_files
from stagerun_lang_go.names import BUILT, HARNESS, SEED

FEW = {"GOMAXPROCS": "1", "GOGC": "400"}  # one candidate, one core; less collecting of what soon ends anyway
GODEBUGS = "src/internal/godebugs/table.go"  # of GOROOT: settings and the versions that changed them
_SETTING = re.compile(r'\{Name: "(\w+)"[^}]*Changed: (\d+), Old: "([^"]*)"')
_FIRST = 20  # older go.mod files get the settings of Go 1.20
BUILD = r"""
set -e
root=$(pwd)
mkdir -p pkg bin gopath vetx # temporary files go part by part: a folder here may hold little
cat > bin/vet <<'END'
#!/bin/sh
"$VET" "$@" || exit $?
for last; do :; done
case "$last" in *.cfg) ;; *) exit 0 ;; esac
path=$(sed -n 's/^\t"ImportPath": "\(.*\)",$/\1/p' "$last")
facts=$(sed -n 's/^\t"VetxOutput": "\(.*\)",$/\1/p' "$last")
if [ -f "$facts" ]; then mkdir -p "$SEEDED/vetx/$(dirname "$path")"; cp "$facts" "$SEEDED/vetx/$path.vetx"; fi
END
chmod +x bin/vet
for part in fmt testing go/types math/big crypto/tls net/http std; do
  go list -export -f '{{if .Export}}{{.Export}} {{.ImportPath}}{{end}}' $part > packages
done
while read -r file path; do
  mkdir -p "pkg/$(dirname "$path")"
  ln -s "$(dirname "$path" | sed 's,[^./][^/]*,..,g')/../${file#"$root"/}" "pkg/$path.a"
done < packages
mkdir every
printf 'module every\n\ngo 1.21\n' > every/go.mod
{ echo 'package every'; grep -Ev 'internal|vendor/' packages | sed 's,.* \(.*\),import _ "\1",'; } > every/every.go
(cd every && SEEDED=$root VET=$(go env GOTOOLDIR)/vet go vet -vettool="$root/bin/vet" . > vet.log 2>&1 || true)
while read -r _ path; do
  mkdir -p "vetx/$(dirname "$path")"
  [ -f "vetx/$path.vetx" ] || : > "vetx/$path.vetx" # no facts
done < packages
cd harness
"$(go env GOTOOLDIR)/compile" -p NAME -I "$root/pkg" -complete -pack -dwarf=false -o "$root/pkg/NAME.a" FILES
""".replace("NAME", HARNESS)


@frozen
class Toolchain:
    """`minor` is the N of Go 1.N; `tools` the folder of compile, link and vet. `lint` is golangci-lint's version, or empty."""

    root: str = ""
    tools: str = ""
    minor: int = 0
    settings: tuple[tuple[str, int, str], ...] = ()  # GODEBUG: name, minor version that changed it, value before
    lint: str = ""
    linter: str = ""  # its path

    @property
    def reads(self) -> tuple[str, ...]:
        """Folders that commands must be able to read."""
        return tuple(filter(None, (self.root, str(Path(self.linter).parent) if self.linter else "")))

    def debug(self, minor: int) -> str:
        """The GODEBUG that a program for an older Go is linked with."""
        old = [f"{name}={value}" for name, changed, value in self.settings if changed > max(minor, _FIRST)]
        return ",".join(sorted(old))


def tools() -> list[Tool]:
    """go, and golangci-lint where there is one."""
    places = tuple(filter(None, (_home("go"), _home("golangci-lint"))))
    go = Command(("sh", "-c", "go version && go env GOVERSION GOROOT GOTOOLDIR"), environ=SETTINGS, reads=places)
    lint = Command(("golangci-lint", "version"), reads=places)
    return [
        Tool("go", go, "get Go 1.21 or newer from go.dev/dl and put its bin folder on PATH"),
        Tool(
            "golangci-lint",
            lint,
            "go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@latest",
            optional=True,
        ),
    ]


def found(said: Mapping[str, Completed]) -> Toolchain:
    """What the probes said."""
    _, version, root, folder, *_ = [*said["go"].stdout.splitlines(), "", "", "", ""]
    minor = re.match(r"(?:devel )?go1\.(\d+)", version)
    lint = said.get("golangci-lint")
    there = lint is not None and lint.returncode == 0
    named = re.search(r"version v?(\d[\w.]*)", lint.stdout) if lint is not None and there else None
    return Toolchain(
        root=root,
        tools=folder,
        minor=int(minor.group(1)) if minor else 0,
        settings=_settings(Path(root) / GODEBUGS),
        lint=named.group(1) if named else ("unknown" if there else ""),
        linter=shutil.which("golangci-lint") or "" if there else "",
    )


SETTINGS = {
    "CGO_ENABLED": "0",
    "GOENV": "off",
    "GOFLAGS": "-buildvcs=false -gcflags=all=-dwarf=false",
    "GONOSUMDB": "*",
    "GOPROXY": "off",
    "GOSUMDB": "off",
    "GOTELEMETRY": "off",
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
}


def environ(cache: str) -> dict[str, str]:
    """What the go command runs with; `{root}` itself cannot be its folder for temporary files, Go takes no go.mod from there."""
    return {**SETTINGS, **FEW, "GOCACHE": cache, "GOPATH": f"{{root}}/{BUILT}/gopath", "TMPDIR": f"{{root}}/{BUILT}"}


def seed(toolchain: Toolchain) -> Seed:
    """The standard library, compiled and vetted, and the harness: about a minute of processor time, once for a Go version."""
    files = {f"harness/{name}": text for name, text in harness_files().items()}
    ours = " ".join(name for name in harness_files() if name not in _other_systems())
    where = {"GOCACHE": "{root}/cache", "GOPATH": "{root}/gopath", "TMPDIR": "{root}/tmp"}
    command = Command(
        ("sh", "-c", f"mkdir -p tmp\n{BUILD.replace('FILES', ours)}"),
        timeout=1200.0,
        memory_mb=4096,
        environ={**SETTINGS, **where, "GOMAXPROCS": "2"},
        reads=toolchain.reads,
    )
    return Seed(SEED, command, files)


def _other_systems() -> set[str]:
    import sys

    return {"code_other.go"} if sys.platform == "linux" else {"code_linux.go"}


def _home(program: str) -> str:
    """The folder that a program on PATH really lies in, with its libraries: `go` is in bin/ below it."""
    place = shutil.which(program)
    if place is None:
        return ""
    folder = Path(place).resolve().parent
    return str(folder.parent if program == "go" else folder)


def _settings(table: Path) -> tuple[tuple[str, int, str], ...]:
    try:
        text = table.read_text(encoding="utf-8")
    except OSError:
        return ()
    return tuple((name, int(changed), old) for name, changed, old in _SETTING.findall(text))
