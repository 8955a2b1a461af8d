"""A reader who leaves does not end a run."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from stagerun.render.outlet import Outlet


def test_what_is_written_arrives() -> None:
    stream = io.StringIO()
    outlet = Outlet(stream)
    outlet.write("hello")
    outlet.flush()
    assert stream.getvalue() == "hello"


def test_after_a_broken_pipe_writing_goes_on_silently() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        outlet = Outlet(stream)
        outlet.write("nobody reads this")
        outlet.flush()
        assert outlet.gone
        outlet.write("nor this")
        outlet.flush()


def test_a_closed_stream_is_no_mistake() -> None:
    stream = io.StringIO()
    stream.close()
    outlet = Outlet(stream)
    outlet.write("x")
    assert outlet.gone


def test_python_does_not_complain_at_its_end_either() -> None:
    code = (
        "import sys; from stagerun.render.outlet import Outlet; sys.stdout = Outlet(sys.stdout)\n"
        "for _ in range(10000): print('x' * 100)\n"
        "print('the end', file=sys.stderr)"
    )
    command = f'"{sys.executable}" -c "$CODE" | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], env={**os.environ, "CODE": code}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"the end\n")


def test_a_sign_that_the_terminal_lacks_is_replaced() -> None:
    raw = io.BytesIO()
    outlet = Outlet(io.TextIOWrapper(raw, encoding="ascii"))
    outlet.write("a ✓ b")
    outlet.flush()
    assert raw.getvalue() == b"a ? b"


def test_it_can_be_asked_whatever_its_stream_can(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Outlet(io.StringIO()).isatty() is False
