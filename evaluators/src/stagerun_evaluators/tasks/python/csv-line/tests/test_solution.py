import pytest
from solution import split


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("a,b,c", ["a", "b", "c"]),
        ("", [""]),
        (",", ["", ""]),
        ('"a,b",c', ["a,b", "c"]),
        ('"say ""hi"" now",x', ['say "hi" now', "x"]),
        (" a , b ", [" a ", " b "]),
        ('"",""', ["", ""]),
        ('a,""', ["a", ""]),
    ],
)
def test_fields(line, fields):
    assert split(line) == fields


@pytest.mark.parametrize("line", ['"a', '"a"b,c', 'x,"y""'])
def test_errors(line):
    with pytest.raises(ValueError):
        split(line)
