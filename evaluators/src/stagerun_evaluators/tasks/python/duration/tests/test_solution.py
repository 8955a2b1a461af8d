import pytest
from solution import parse


@pytest.mark.parametrize(
    ("text", "seconds"), [("45s", 45), ("1h30m", 5400), ("2d 4h", 187200), ("1d1h1m1s", 90061), (" 5m ", 300), ("0s", 0)]
)
def test_durations(text, seconds):
    assert parse(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "5x", "1m1h", "1h1h", "-1s", "1.5h", "1h 30"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError):
        parse(text)


def test_the_error_names_the_text():
    with pytest.raises(ValueError, match="soon"):
        parse("soon")
