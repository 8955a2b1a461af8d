"""Patches: what `git diff` writes applies and gives what git gave; what does not fit is refused with its hunk and file."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stagerun.tasks import BadPatch, apply

LINE = st.text(alphabet="ab-+ @\\\t\r", max_size=6)
TEXT = st.builds(
    lambda lines, end: "\n".join(lines) + end, st.lists(LINE, min_size=1, max_size=14), st.sampled_from(["", "\n"])
)
NAME = st.sampled_from(["a", "b.txt", "deep/er/c", "d e", "f\u00e9", 'g"h', "deep/i"])
REPO = st.dictionaries(NAME, TEXT, max_size=4)
OLD = {"a.py": "one\ntwo\nthree\nfour\n", "b/c.py": "x = 1\n"}


def git(folder: Path, *words: str, tree: str) -> str:
    argv = ["git", "-c", "core.autocrlf=false", f"--work-tree={folder / tree}", f"--git-dir={folder / 'git'}", *words]
    return subprocess.run(argv, check=True, capture_output=True, cwd=folder / tree).stdout.decode()


def git_diff(old: Mapping[str, str], new: Mapping[str, str], *options: str) -> str:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for side, files in (("old", old), ("new", new)):
            (folder / side).mkdir()
            for path, text in files.items():
                (folder / side / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / side / path).write_bytes(text.encode())
        git(folder, "init", "--quiet", tree="old")
        git(folder, "add", "--all", ".", tree="old")
        before = git(folder, "write-tree", tree="old").strip()
        git(folder, "add", "--all", ".", tree="new")
        return git(folder, "diff", "--cached", "--text", *options, before, tree="new")


@settings(deadline=None, max_examples=60)
@given(
    REPO,
    REPO,
    st.sampled_from([(), ("-U0",), ("-U1",), ("-M30%", "-C10%", "--find-copies-harder"), ("--no-renames", "-U9")]),
)
def test_what_git_diff_writes_applies_and_gives_the_new_repository(old, new, options):
    diff = git_diff(old, new, *options)
    if diff:
        assert apply(old, diff) == new
    else:
        assert old == new


@settings(deadline=None)
@given(st.text(alphabet='ab\n -+@,1920/dev\\"', max_size=200))
def test_no_text_at_all_raises_anything_but_bad_patch(tail):
    for head in ("", "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n", "diff --git a/a.py b/a.py\n"):
        with suppress(BadPatch):
            assert all(isinstance(text, str) for text in apply(OLD, head + tail).values())


def patch(body: str, old: str = "a.py", new: str = "a.py") -> str:
    return f"--- a/{old}\n+++ b/{new}\n{body}"


def test_a_hunk_that_moved_applies_at_the_nearest_place():
    text = "".join(f"{word}\n" for word in ["x", "mark", "x", "x", "x", "mark", "x"])
    diff = patch("@@ -5,1 +5,1 @@\n-mark\n+here\n")
    assert apply({"a.py": text}, diff)["a.py"].splitlines()[5] == "here"


def test_a_plain_diff_without_prefixes_and_with_dates_applies():
    diff = "--- a.py\t2026-01-01 00:00:00\n+++ a.py\t2026-01-02 00:00:00\n@@ -1 +1 @@\n-one\n+uno\n"
    assert apply(OLD, diff)["a.py"].startswith("uno\ntwo\n")


def test_words_before_the_patch_and_a_mail_signature_after_it_are_passed_over():
    diff = "Here is the change:\n\n" + patch("@@ -1 +1 @@\n-one\n+uno\n-- \n2.40\n")
    assert apply(OLD, diff)["a.py"].startswith("uno\n")


def test_two_files_may_change_names_with_each_other():
    diff = (
        "diff --git a/a.py b/b/c.py\nsimilarity index 100%\nrename from a.py\nrename to b/c.py\n"
        "diff --git a/b/c.py b/a.py\nsimilarity index 100%\nrename from b/c.py\nrename to a.py\n"
    )
    assert apply(OLD, diff) == {"a.py": OLD["b/c.py"], "b/c.py": OLD["a.py"]}


def test_the_repository_that_was_given_is_left_as_it_is():
    before = dict(OLD)
    apply(OLD, patch("@@ -1 +0,0 @@\n-one\n"))
    assert before == OLD


REFUSED = {
    "nothing": ("", "the patch is empty"),
    "words alone": ("I would rather not.", "the patch is empty"),
    "other lines": (
        patch("@@ -1,2 +1,2 @@\n one\n-zwei\n+dos\n"),
        "hunk 1 of a.py does not apply: line 2 is 'two\\n', expected 'zwei\\n'",
    ),
    "second hunk": (
        patch("@@ -1 +1 @@\n-one\n+uno\n@@ -4 +4 @@\n-five\n+cinco\n"),
        "hunk 2 of a.py does not apply: line 4 is 'four\\n', expected 'five\\n'",
    ),
    "white space": (patch("@@ -1 +1 @@\n-one \n+uno\n"), "hunk 1 of a.py does not apply"),
    "too few lines": (
        patch("@@ -1,3 +1,3 @@\n one\n-two\n+dos\n"),
        "hunk 1 of a.py: the patch ends inside it; 1 old and 1 new lines",
    ),
    "too many lines": (
        patch("@@ -1 +1 @@\n-one\n+uno\n+dos\n"),
        "hunk 1 of a.py: line 6 follows, which its header does not count",
    ),
    "bad mark": (
        patch("@@ -1,2 +1,2 @@\n one\n*two\n"),
        "hunk 1 of a.py: line 5 begins with '*', expected a blank, - or +",
    ),
    "no counts": (patch("@@ first @@\n-one\n"), "hunk 1 of a.py: bad header at line 3"),
    "no hunk": (patch(""), "a.py: no hunk at line 3"),
    "hunk of no file": ("@@ -1 +1 @@\n-one\n+uno\n", "line 1 begins a hunk of no file"),
    "unknown file": (patch("@@ -1 +1 @@\n-one\n+uno\n", "z.py", "z.py"), "z.py: there is no such file to change"),
    "climbs out": (
        patch("@@ -0,0 +1 @@\n+x\n", "../../x", "../../x"),
        "the path '../../x' is refused: it leads outside",
    ),
    "climbs out quoted": (
        '--- /dev/null\n+++ "b/\\056./x"\n@@ -0,0 +1 @@\n+x\n',
        "the path '../x' is refused: it leads outside",
    ),
    "absolute": (
        "--- /dev/null\n+++ /etc/passwd\n@@ -0,0 +1 @@\n+x\n",
        "the path '/etc/passwd' is refused: it leads outside",
    ),
    "there already": (
        "--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n+x\n",
        "a.py: the patch makes it, and it is there already",
    ),
    "a file and a folder": (
        "--- /dev/null\n+++ b/a.py/x\n@@ -0,0 +1 @@\n+x\n",
        "a.py: it would be a file and a folder at once",
    ),
    "deleted in part": (
        patch("@@ -1 +0,0 @@\n-one\n").replace("+++ b/a.py", "+++ /dev/null"),
        "a.py: it is deleted, but",
    ),
    "changed twice": (patch("@@ -1 +1 @@\n-one\n+uno\n") * 2, "a.py: the patch changes it twice"),
    "binary": (
        "diff --git a/p b/p\nnew file mode 100644\nGIT binary patch\nliteral 3\n",
        "p: a binary patch cannot be applied",
    ),
    "binary differs": (
        "diff --git a/p b/p\nindex 1..2 100644\nBinary files a/p and b/p differ\n",
        "p: a binary patch cannot be",
    ),
    "link": (
        "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n",
        "l: mode '120000', expected a regular file",
    ),
    "two names": (patch("@@ -1 +1 @@\n-one\n+uno\n", "a.py", "d.py"), 'names two files without "rename from"'),
    "other names": (
        "diff --git a/a.py b/a.py\n" + patch("@@ -1 +1 @@\n-x = 1\n+x = 2\n", "b/c.py", "b/c.py"),
        'a.py: line 2 names other files than "diff --git" does',
    ),
    "nul": (patch("@@ -1 +1 @@\n-one\n+\0\n"), "the patch cannot be read: it is binary"),
    "huge": ("x" * 4_000_001, "the patch cannot be read: it has more than"),
    "huge numbers": (patch("@@ -1,999999999999 +1 @@\n-one\n"), "hunk 1 of a.py: bad header"),
    "line end inside": (
        patch("@@ -1,2 +1,2 @@\n-one\n+uno\n\\ No newline at end of file\n two\n"),
        "a.py: a line without an end would stand before the last one",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_patch_that_does_not_fit_is_refused_with_its_place(name):
    diff, expected = REFUSED[name]
    with pytest.raises(BadPatch) as error:
        apply(OLD, diff)
    assert expected in str(error.value)
    assert len(str(error.value).splitlines()) == 1
