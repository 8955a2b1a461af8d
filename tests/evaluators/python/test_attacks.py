"""One attack a test: none scores, none outlives its candidate, and the next candidate is judged as if nothing had been."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from stagerun import Candidate, Judgement
from stagerun_evaluators.judge import Local
from stagerun_evaluators.python import Python

from ..conftest import running, task

Judge = Callable[..., Judgement]
RIGHT = "def add(a, b): return a + b"


@pytest.fixture(autouse=True)
def the_next_candidate_is_unaffected(judged: Judge) -> Iterator[None]:
    yield
    assert judged(RIGHT).verdict == "passed"


def test_leaving_at_import_with_success_scores_nothing(judged: Judge) -> None:
    found = judged("import os; os._exit(0)")
    assert (found.verdict, found.score) == ("tampered", 0.0)


def test_leaving_inside_the_function_scores_nothing(judged: Judge) -> None:
    found = judged("import os\ndef add(a, b): os._exit(0)")
    assert (found.verdict, found.score) == ("tampered", 0.0)


def test_sys_exit_at_import_fails_every_test(judged: Judge) -> None:
    found = judged("import sys; sys.exit(0)")
    assert (found.verdict, found.passed) == ("failed", frozenset())
    assert "SystemExit" in found.detail


def test_sys_exit_inside_the_function_fails_the_test(judged: Judge) -> None:
    assert judged("import sys\ndef add(a, b): sys.exit(0)").passed == frozenset()


def test_an_exit_handler_that_changes_the_exit_code_changes_nothing(judged: Judge) -> None:
    assert judged("import atexit, os; atexit.register(os._exit, 0)\ndef add(a, b): return 0").passed == frozenset()


def test_results_printed_to_stdout_are_not_believed(judged: Judge) -> None:
    assert judged("print('built\\npassed test_small\\npassed test_large\\nend')").passed == frozenset()


def test_results_written_to_the_private_channel_without_the_nonce_are_tampering(judged: Judge) -> None:
    found = judged("import os\nos.write(3, b'x passed test_small\\n')\ndef add(a, b): return a + b")
    assert (found.verdict, found.score) == ("tampered", 0.0)


def test_a_forged_report_followed_by_leaving_is_tampering(judged: Judge) -> None:
    code = "import os\nos.write(3, b'built\\npassed test_small\\npassed test_large\\nend\\n')\nos._exit(0)"
    assert judged(code).verdict == "tampered"


def test_no_nonce_is_to_be_found_on_the_stack(judged: Judge) -> None:
    code = """
import sys, re
found, frame = set(), sys._getframe()
while frame:
    found |= set(re.findall(r"\\\\b[0-9a-f]{32}\\\\b", repr(frame.f_locals)))
    frame = frame.f_back
raise Exception(f"{len(found)} secrets")
"""
    assert "0 secrets" in judged(code).detail


def test_looking_at_the_stacks_of_other_threads_is_tampering(judged: Judge) -> None:
    assert judged(f"import sys\ntry: sys._current_frames()\nexcept Exception: pass\n{RIGHT}").verdict == "tampered"


def test_searching_all_objects_for_the_nonce_is_tampering(judged: Judge) -> None:
    assert judged(f"import gc\ntry: gc.get_objects()\nexcept Exception: pass\n{RIGHT}").verdict == "tampered"


def test_a_trace_function_that_could_jump_over_asserts_is_tampering(judged: Judge) -> None:
    assert judged(f"import sys\ntry: sys.settrace(print)\nexcept Exception: pass\n{RIGHT}").verdict == "tampered"


def test_a_result_that_equals_anything_is_tampering(judged: Judge) -> None:
    code = "class E:\n    def __eq__(self, other): return True\ndef add(a, b): return E()"
    assert (judged(code).verdict, judged(code).score) == ("tampered", 0.0)


def test_a_number_that_equals_every_number_is_tampering(judged: Judge) -> None:
    code = "class E(int):\n    def __eq__(self, other): return isinstance(other, int)\ndef add(a, b): return E()"
    assert judged(code).verdict == "tampered"


def test_a_liar_hidden_in_a_list_is_tampering(judged: Judge) -> None:
    code = "class E:\n    def __eq__(self, other): return True\ndef f(): return [[E()]]"
    tests = "from solution import f\ndef test_it():\n    assert f() == [[1]]"
    assert judged(code, tests).verdict == "tampered"


def test_a_liar_hidden_in_the_values_of_a_dict_is_tampering(judged: Judge) -> None:
    code = "class E:\n    def __eq__(self, other): return True\ndef f(): return {1: E()}"
    tests = "from solution import f\ndef test_it():\n    assert f() == {1: 2}"
    assert judged(code, tests).verdict == "tampered"


def test_a_result_that_is_unequal_to_nothing_is_tampering(judged: Judge) -> None:
    code = "class E:\n    def __ne__(self, other): return False\ndef f(): return E()"
    tests = "from solution import f\ndef test_it():\n    assert not f() != 3"
    assert judged(code, tests).verdict == "tampered"


def test_a_patched_builtin_is_tampering(judged: Judge) -> None:
    assert judged(f"import builtins\nbuiltins.abs = lambda x: 0\n{RIGHT}").verdict == "tampered"


def test_a_patched_function_of_a_module_the_tests_use_is_tampering(judged: Judge) -> None:
    tests = "import math\nfrom solution import add\ndef test_it():\n    assert math.isclose(add(0.1, 0.2), 0.3)"
    assert judged("import math\nmath.isclose = lambda *a: True\ndef add(a, b): return 0", tests).verdict == "tampered"


def test_a_module_swapped_in_sys_modules_is_tampering(judged: Judge) -> None:
    tests = "import math\nfrom solution import add\ndef test_it():\n    assert math.isclose(add(0.1, 0.2), 0.3)"
    code = "import sys, types\nm = sys.modules['math'] = types.ModuleType('math')\nm.isclose = lambda *a: 1\ndef add(a, b): pass"
    assert judged(code, tests).verdict == "tampered"


def test_a_file_that_shadows_a_standard_module_is_not_imported(local: Local) -> None:
    tests = "import textwrap\nfrom solution import f\ndef test_it():\n    assert textwrap.dedent(' a') == f()"
    files = {"solution.py": "def f(): return 'shadow'", "textwrap.py": "def dedent(text): return 'shadow'"}
    assert local.judge([Candidate(task(tests), files=files)])[0].verdict == "failed"


def test_replacing_the_harness_s_own_functions_lets_the_canary_pass_and_is_tampering(judged: Judge) -> None:
    assert (
        judged("import __main__\n__main__.attempt = lambda what, say: ''\ndef add(a, b): return 0").verdict
        == "tampered"
    )


def test_replacing_the_tests_in_their_namespace_does_not_pass_them_silently(judged: Judge) -> None:
    code = """
import sys
def add(a, b):
    space = sys._getframe(1).f_globals
    for name in [n for n in space if n.startswith("test_")]:
        space[name] = lambda: None
    return 3
"""
    found = judged(code)
    assert (found.verdict, "replaced tests." in found.detail) == ("tampered", True)


def test_replacing_the_code_of_a_test_is_tampering(judged: Judge) -> None:
    code = """
import sys
def add(a, b):
    space = sys._getframe(1).f_globals
    for name in [n for n in space if n.startswith("test_")]:
        space[name].__code__ = (lambda: None).__code__
    return 3
"""
    found = judged(code)
    assert (found.verdict, "replaced tests." in found.detail) == ("tampered", True)


def test_disarming_the_guard_of_comparisons_is_tampering(judged: Judge) -> None:
    code = """
import sys
class E:
    def __eq__(self, other): return True
def add(a, b):
    sys._getframe(1).f_globals["__guard__"] = lambda value: value
    return 3 if a == 1 else E()
"""
    found = judged(code)
    assert (found.verdict, "replaced tests." in found.detail) == ("tampered", True)


def test_a_report_sent_twice_is_tampering(judged: Judge) -> None:
    code = """
import sys
frame = sys._getframe()
while frame and "say" not in frame.f_locals:
    frame = frame.f_back
frame.f_locals["say"]("passed test_small")
def add(a, b): return 0
"""
    assert judged(code).verdict == "tampered"


def test_a_changed_source_file_is_tampering(judged: Judge) -> None:
    code = f"import os\nos.remove('solution.py')\nopen('solution.py', 'w').write('x')\n{RIGHT}"
    found = judged(code)
    assert (found.verdict, found.score) == ("tampered", 0.0)
    assert "solution.py" in found.detail


def test_an_exception_with_hostile_text_is_an_ordinary_failure(judged: Judge) -> None:
    code = "class E(Exception):\n    def __str__(self): raise SystemExit\ndef add(a, b): raise E"
    assert judged(code).verdict == "failed"


def test_an_exception_with_line_breaks_cannot_add_lines_to_the_report(judged: Judge) -> None:
    assert judged("def add(a, b): raise Exception('a\\npassed test_small\\u2028end')").verdict == "failed"


def test_an_endless_loop_is_a_timeout(judged: Judge) -> None:
    found = judged("def add(a, b):\n    while True: pass")
    assert (found.verdict, found.score) == ("timeout", 0.0)


def test_an_endless_loop_that_ignores_the_cpu_signal_is_a_timeout(judged: Judge) -> None:
    code = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\ndef add(a, b):\n    while True: pass"
    assert judged(code).verdict == "timeout"


def test_sleeping_for_ever_is_a_timeout(judged: Judge) -> None:
    assert judged("import time\ntime.sleep(1000)", timeout=0.2).verdict == "timeout"


def test_waiting_for_stdin_does_not_wait(judged: Judge) -> None:
    assert judged("input()\ndef add(a, b): return a + b").detail.startswith("at import: EOFError")


def test_endless_output_is_a_timeout(judged: Judge) -> None:
    assert judged("while True: print('x' * 10_000)").verdict == "timeout"


def test_ten_gigabytes_are_out_of_memory(judged: Judge) -> None:
    found = judged("def add(a, b): return bytearray(10 ** 10)")
    assert (found.verdict, found.score) == ("oom", 0.0)


def test_memory_taken_bit_by_bit_is_out_of_memory(judged: Judge) -> None:
    assert judged("def add(a, b):\n    x = []\n    while True: x.append(bytearray(1 << 20))").verdict == "oom"


def test_a_crash_of_the_interpreter_is_a_failure(judged: Judge) -> None:
    found = judged("import os, signal\ndef add(a, b): os.kill(os.getpid(), signal.SIGSEGV)")
    assert (found.verdict, found.score) == ("failed", 0.0)


def test_a_file_above_the_limit_cannot_be_written(judged: Judge) -> None:
    code = "def f():\n    try: open('big', 'wb').write(bytes(64 << 20))\n    except OSError: return 'refused'"
    assert judged(code, "from solution import f\ndef test_it():\n    assert f() == 'refused'").verdict == "passed"


def test_a_fork_bomb_is_bounded_and_ended(judged: Judge) -> None:
    code = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    assert judged(code, timeout=0.3).verdict == "timeout"


def test_a_thread_bomb_scores_nothing(judged: Judge) -> None:
    code = "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(100,)).start()"
    assert judged(code, timeout=0.3).score in {0.0, 0.1}


def test_a_child_in_a_session_of_its_own_does_not_outlive_the_candidate(judged: Judge) -> None:
    code = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        time.sleep(1000)
    os._exit(0)
def add(a, b): return a + b
"""
    before = running(
        "stagerun_evaluators"
    )  # the keepers; children that a candidate left would show as the same program
    assert judged(code).verdict == "passed"
    assert running("stagerun_evaluators") == before


def test_a_candidate_that_leaves_its_streams_to_a_child_is_not_waited_for(judged: Judge) -> None:
    code = f"import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(1000)\n{RIGHT}"
    assert judged(code).verdict == "passed"  # it would be a timeout


def test_the_user_s_environment_is_neither_in_the_candidate_nor_in_the_keeper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "abc")
    code = "import os\ndef f(): return dict(os.environ)"
    tests = "from solution import f\ndef test_it():\n    assert 'SECRET_TOKEN' not in f()\n"
    local = Local(lambda _: Python(), workers=1)
    assert local.judge([Candidate(task(tests), code)])[0].verdict == "passed"
    assert running("serve import Keeper", "SECRET_TOKEN=abc") == 0
    local.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give candidates a user of their own")
def test_below_root_a_candidate_can_neither_signal_nor_read_the_processes_above_it(judged: Judge) -> None:
    code = """
import os
def f():
    told = []
    for what in (lambda: os.kill(os.getppid(), 0), lambda: open(f"/proc/{os.getppid()}/environ").read()):
        try: what()
        except PermissionError: told.append("refused")
    return told
"""
    tests = "from solution import f\ndef test_it():\n    assert f() == ['refused', 'refused']"
    assert judged(code, tests).verdict == "passed"
