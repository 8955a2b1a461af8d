import pytest
from solution import evaluate


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2),
        ("1.5 + 2", 3.5),
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("8 - 3 - 2", 3),
        ("16 / 4 / 2", 2),
        ("-3 + 5", 2),
        ("2 * -3", -6),
        ("-(1 + 2) * --2", -6),
        ("0.1 + 0.2", 0.3),
    ],
)
def test_values(text, value):
    assert evaluate(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "1 +", "* 2", "(1", "1)", "1 2", "1..2", "a", "2 ** 3", "()"])
def test_what_is_no_expression(text):
    with pytest.raises(ValueError):
        evaluate(text)


def test_division_by_zero():
    with pytest.raises(ZeroDivisionError):
        evaluate("1 / (2 - 2)")
