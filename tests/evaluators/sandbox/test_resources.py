"""What a command may use, on every tier; afterwards the next one finds nothing changed."""

from __future__ import annotations

import pytest

from .boxes import Box, command
from .conftest import KINDS, named

FORKS = """
import os, time
count = 0
try:
    while count < 2000:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        count += 1
except OSError as error:
    print(count, error.errno)
"""
THREADS = """
import threading
threading.stack_size(1 << 16)
count = 0
ended = threading.Event()
try:
    while count < 2000:
        threading.Thread(target=ended.wait, daemon=True).start()
        count += 1
except RuntimeError:
    print(count)
ended.set()
"""
TREE = """
import os, time
for _ in range(16):
    if os.fork() == 0:
        held = bytearray(60 << 20)
        time.sleep(20)
        os._exit(0)
os.wait()  # the first that is killed, where the kernel kills one and not all
"""
ONE = """
try:
    held = bytearray(10 << 30)
except MemoryError:
    print("refused")
"""
FILL = """
import os
try:
    for number in range(12):
        with open(f"fill{number}", "wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, 50 << 20)
except OSError as error:
    print("full", error.errno)
else:
    import time
    time.sleep(20)
    print("all of it")
"""
TO_THE_BRIM = """
with open("fill", "wb", buffering=0) as stream:
    pass
number = 0
try:
    while True:
        number += 1
        with open(f"fill{number}", "wb", buffering=0) as stream:
            for _ in range(60):
                stream.write(bytes(1 << 20))
except OSError:
    pass
"""
INODES = """
import os
try:
    for number in range(60_000):
        os.mknod(f"file{number}")  # one call of the system
except OSError as error:
    print("full", error.errno)
else:
    import time
    time.sleep(20)
    print("all of them")
"""

ENOUGH = [
    kind if kind in (("limits", True), ("namespaces", False)) else pytest.param(kind, marks=pytest.mark.slow)
    for kind in KINDS
]


def well(box: Box) -> bool:
    """Whether the next command finds things as they should be."""
    done = box.sh("ls; echo well")
    return (done["returncode"], done["stdout"]) == (0, "well\n")


def test_processes_are_few(box: Box) -> None:
    count, error = map(int, box.py(FORKS)["stdout"].split())
    assert count < 400
    assert error == 11
    assert well(box)


def test_threads_are_few(box: Box) -> None:
    assert int(box.py(THREADS)["stdout"]) < 400
    assert well(box)


def test_memory_of_one_process_is_limited(box: Box) -> None:
    assert box.py(ONE)["stdout"] == "refused\n"


def test_memory_of_many_processes_together_is_limited(box: Box) -> None:
    done = box.py(TREE, memory_mb=128)
    assert (done["out_of_memory"], done["timed_out"]) == (True, False)
    assert well(box)


def test_the_folder_cannot_be_filled_for_ever(box: Box) -> None:
    done = box.py(FILL, memory_mb=1024)
    assert done["stdout"] == "full 28\n" or "more than" in done["stderr"]
    assert (done["timed_out"], done["out_of_memory"]) == (False, False)
    assert well(box)


def test_files_cannot_be_made_without_number(box: Box) -> None:
    done = box.py(INODES)
    assert done["stdout"] == "full 28\n" or "more than" in done["stderr"]
    assert well(box)


def test_a_folder_that_is_full_is_the_candidate_s_failure_when_files_are_laid_there(strong: Box) -> None:
    fill = command(strong.python, "-S", "-c", TO_THE_BRIM, memory_mb=1024)
    laid = command("echo", "never", files={"test.txt": "x" * 100_000})
    filled, done = strong.job(fill, laid)["done"]
    assert filled is not None
    if "more than" in filled["stderr"]:
        pytest.skip("this tier ends what fills its folder, on the host's disk")
    assert done is not None
    assert (done["returncode"], "the folder is full" in done["stderr"]) == (127, True)


def test_a_large_file_is_not_written(box: Box) -> None:
    done = box.sh("head -c 80000000 /dev/zero > large; ls -l large | awk '{print $5}'")
    assert done["stdout"] == f"{64 << 20}\n"


def test_a_busy_command_ends_by_its_processor_time_and_a_sleeping_one_by_the_clock(box: Box) -> None:
    assert box.sh("while :; do :; done", timeout=1.0)["timed_out"]
    assert box.sh("sleep 100", timeout=0.2)["timed_out"]
    assert well(box)


@pytest.mark.parametrize(
    "box", ENOUGH, indirect=True, ids=named
)  # the kernel ends it, whatever the tier; each waits 2 s
def test_a_command_that_ignores_signals_is_ended(box: Box) -> None:
    assert box.sh("trap '' TERM INT HUP XCPU; while :; do :; done", timeout=1.0)["timed_out"]


def test_endless_output_is_read_and_cut(box: Box) -> None:
    done = box.sh("yes", timeout=0.5)
    assert done["timed_out"]
    assert "bytes left out" in done["stdout"]


def test_half_a_megabyte_of_output_passes(box: Box) -> None:
    done = box.sh("head -c 300000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero | tr '\\0' y >&2")
    assert done["returncode"] == 0
    assert done["stdout"].endswith("xxx")


def test_a_daemon_of_two_sessions_is_gone(box: Box) -> None:
    done = box.sh("setsid sh -c 'setsid sleep 4711 & sleep 4711' & sleep 0.1; echo started")
    assert done["stdout"] == "started\n"
    assert box.sh("ps ax 2>/dev/null | grep -c '[s]leep 4711'")["stdout"] in {"0\n", ""}


def test_killing_everybody_harms_nobody_else(strong: Box) -> None:
    strong.sh("kill -9 1; kill -9 -1; sleep 1")
    assert well(strong)


def test_no_core_file_and_no_terminal(box: Box) -> None:
    assert box.sh("ulimit -c")["stdout"] == "0\n"
    assert box.sh("exec 2>/dev/null; : < /dev/tty && echo terminal")["stdout"] == ""
