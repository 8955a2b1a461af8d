"""What a command reaches of the rest of the machine: nothing, on the tiers that say so. The targets are real."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stagerun_evaluators.sandbox.doors import ESCAPES, Doors

from .boxes import Box


@pytest.fixture
def doors() -> Iterator[Doors]:
    doors = Doors()
    yield doors
    doors.close()


def test_every_escape_of_the_probe_has_a_name_that_is_promised(doors: Doors) -> None:
    names = [str(name) for name, *_ in doors.tries()]
    assert set(names) <= set(ESCAPES)
    assert len(names) == len(set(names))


def test_nothing_listens_that_can_be_reached(strong: Box, doors: Doors) -> None:
    ports = doors.tcp.getsockname()[1], doors.udp.getsockname()[1]
    script = f"""
import socket
for family, kind, address in (
    (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {ports[0]})),
    (socket.AF_UNIX, socket.SOCK_STREAM, {str(doors.folder / "socket")!r}),
    (socket.AF_UNIX, socket.SOCK_STREAM, "\\0stagerun-{doors.mark}"),
):
    try:
        one = socket.socket(family, kind)
        one.connect(address)
        one.send(b"out")
        print("connected", address)
    except OSError:
        pass
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", {ports[1]}))
except OSError:
    pass
"""
    assert strong.py(script)["stdout"] == ""
    seen = doors.seen()
    assert not any(seen[name] for name in ("TCP", "UDP", "sockets with a path", "abstract sockets"))


@pytest.mark.parametrize("kind", ["AF_PACKET", "AF_NETLINK", "AF_VSOCK", "AF_ALG"])
def test_no_socket_of_a_rarer_family_is_to_be_had(strong: Box, kind: str) -> None:
    script = (
        f"import socket\ntry:\n    socket.socket(getattr(socket, {kind!r}), socket.SOCK_DGRAM)\n"
        "except OSError:\n    print('no')"
    )
    assert strong.py(script)["stdout"] == "no\n"


def test_names_are_not_looked_up(strong: Box) -> None:
    script = "import socket\ntry:\n    socket.getaddrinfo('example.org', 80)\nexcept OSError:\n    print('no')"
    assert strong.py(script)["stdout"] == "no\n"


def test_honest_programs_may_talk_to_themselves(strong: Box) -> None:
    script = (
        "import asyncio, socket\na, b = socket.socketpair()\na.send(b'x')\n"
        "print(b.recv(1), asyncio.run(asyncio.sleep(0, 7)))"
    )
    assert strong.py(script)["stdout"] == "b'x' 7\n"


def test_files_of_the_user_and_of_others_are_not_read(strong: Box, doors: Doors) -> None:
    paths = [doors.home, doors.folder / "canary", "/etc/shadow", "/etc/passwd-", str(Path.home() / ".bashrc")]
    done = strong.sh("; ".join(f"cat {path}" for path in paths))
    assert done["stdout"] == ""


def test_the_list_of_the_machine_s_users_is_not_read(strong: Box) -> None:
    assert "daemon" not in strong.sh("cat /etc/passwd")["stdout"]


def test_the_solutions_of_tasks_that_are_installed_are_not_read(strong: Box) -> None:
    tasks = Path(__file__).parents[3] / "evaluators/src/stagerun_evaluators/tasks"
    assert strong.sh(f"ls {tasks}; ls {tasks}/*")["stdout"] == ""


def test_nothing_is_written_outside(strong: Box, doors: Doors) -> None:
    name = f"written-{doors.mark}"
    spots = ("/tmp", "/var/tmp", "/dev/shm", "/", "/usr", "/etc", str(doors.folder), str(doors.home.parent))
    strong.sh("; ".join(f"echo x > {spot}/{name}" for spot in spots))
    assert not [spot for spot in spots if (Path(spot) / name).exists()]


def test_files_outside_are_not_linked_moved_or_changed(strong: Box, doors: Doors) -> None:
    canary = doors.folder / "canary"
    before = canary.stat()
    strong.sh(
        f"ln {canary} here; mv {canary} there; ln -s / {doors.folder}/link; mv {doors.folder}/other {doors.folder}/renamed"
    )
    strong.sh(f"chmod 777 {canary}; touch {canary}; chown 1 {canary}; truncate -s 0 {canary}")
    strong.py(f"import os\ntry:\n    os.setxattr({str(canary)!r}, 'user.x', b'x')\nexcept OSError:\n    pass")
    after = canary.stat()
    assert (after.st_mode, after.st_nlink, after.st_size, after.st_mtime) == (
        before.st_mode,
        1,
        before.st_size,
        before.st_mtime,
    )
    assert not doors.seen()["links and renames"]


def test_a_link_out_of_the_folder_leads_nowhere(strong: Box, doors: Doors) -> None:
    assert strong.sh(f"ln -s {doors.folder}/canary link; cat link; echo x > link")["stdout"] == ""


def test_other_processes_are_neither_seen_nor_signalled_nor_traced(strong: Box, doors: Doors) -> None:
    pid, judge = doors.decoy.pid, os.getpid()
    words = "; ".join(f"cat /proc/{one}/environ /proc/{one}/cmdline" for one in (pid, judge, strong.process.pid))
    assert strong.sh(f"{words}; cat /proc/$PPID/environ", timeout=5.0)["stdout"] == ""
    strong.sh(f"kill -9 {pid}; kill -TERM {strong.process.pid}; kill -9 $PPID")
    assert not doors.seen()["signals to other processes"]
    assert strong.sh("echo well")["stdout"] == "well\n"


def test_the_environment_is_bare(strong: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {line.partition("=")[0] for line in strong.sh("env")["stdout"].splitlines()}
    assert names <= {"PATH", "LC_ALL", "HOME", "TMPDIR", "PWD", "SHLVL", "_", "OLDPWD"}


CALLS = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
numbers = {"x86_64": NUMBERS_X86, "aarch64": NUMBERS_ARM}[os.uname().machine]
for number in numbers:
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) >= 0:
        print("allowed", number)
    elif ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        print("not refused", number, errno.errorcode[ctypes.get_errno()])
"""
X86 = (
    101,
    165,
    166,
    155,
    161,
    172,
    246,
    250,
    272,
    298,
    304,
    308,
    310,
    311,
    321,
    323,
    29,
    64,
    68,
    240,
    425,
    428,
    429,
    430,
    442,
)
ARM = (
    117,
    40,
    39,
    41,
    51,
    104,
    219,
    97,
    241,
    265,
    268,
    270,
    271,
    280,
    282,
    194,
    190,
    186,
    180,
    425,
    428,
    429,
    430,
    442,
)


def test_calls_that_no_candidate_needs_are_refused(strong: Box) -> None:
    script = CALLS.replace("NUMBERS_X86", repr(X86)).replace("NUMBERS_ARM", repr(ARM))
    assert strong.py(script)["stdout"] == ""


def test_a_user_namespace_is_not_made_by_clone_either(strong: Box) -> None:
    script = (
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "number = {'x86_64': 56, 'aarch64': 220}[os.uname().machine]\n"
        "print(libc.syscall(number, 0x10000000 | 17, 0, 0, 0, 0), ctypes.get_errno())"
    )
    assert strong.py(script)["stdout"] == "-1 1\n"


@pytest.mark.skipif(sys.platform != "linux" or os.uname().machine != "x86_64", reason="the 32-bit way in is x86_64's")
def test_the_numbers_of_another_abi_are_no_way_in(strong: Box) -> None:
    script = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nprint(libc.syscall(0x40000000 + 39), ctypes.get_errno())"
    assert strong.py(script)["stdout"] == "-1 38\n"


def test_no_program_gains_rights(strong: Box) -> None:
    done = strong.sh("grep -E '^(CapEff|CapPrm|NoNewPrivs):' /proc/self/status || echo none; su -c id; id -u")
    assert "\nuid=0" not in done["stdout"]
    if "CapEff" in done["stdout"]:
        assert "NoNewPrivs:\t1" in done["stdout"]


def test_typing_into_a_terminal_is_refused(strong: Box) -> None:
    script = "import fcntl\ntry:\n    fcntl.ioctl(0, 0x5412, b'x')\nexcept OSError as error:\n    print(error.errno)"
    assert strong.py(script)["stdout"] == "1\n"


def test_what_a_tier_shows_of_the_machine_is_read_only(strong: Box) -> None:
    done = strong.sh(
        "for spot in / /usr /usr/bin /etc /proc /dev /lib; do ( : > $spot/x ) 2>/dev/null && echo $spot; done"
    )
    assert done["stdout"] == ""


def test_what_a_command_reads_is_there_at_its_own_path(strong: Box, tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    (tmp_path / "tool").write_text("#!/bin/sh\necho tool\n")
    (tmp_path / "tool").chmod(0o755)
    assert strong.sh(f"{tmp_path}/tool")["stdout"] == ""
    assert strong.sh(f"{tmp_path}/tool; touch {tmp_path}/x", reads=[str(tmp_path)])["stdout"] == "tool\n"
    assert not (tmp_path / "x").exists()


def test_sockets_left_in_a_folder_that_may_be_read_are_of_no_use(strong: Box, tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        script = (
            f"import socket\ntry:\n    socket.socket(socket.AF_UNIX).connect('{tmp_path}/socket')\n"
            "except OSError:\n    print('no')"
        )
        assert strong.py(script, reads=[str(tmp_path)])["stdout"] == "no\n"


def test_what_one_command_left_in_tmp_the_next_job_does_not_find(strong: Box) -> None:
    strong.sh("echo left > /tmp/left; echo left > /dev/shm/left; echo left > left")
    assert strong.sh("cat /tmp/left /dev/shm/left left")["stdout"] == ""
