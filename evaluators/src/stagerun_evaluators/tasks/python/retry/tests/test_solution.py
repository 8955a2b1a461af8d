from unittest import mock

import pytest
from solution import retry


def test_the_result_comes_back():
    assert retry(3)(lambda x, *, y: x + y)(1, y=2) == 3


def test_it_is_called_again():
    work = mock.Mock(side_effect=[ValueError, ValueError, "done"], __name__="work")
    assert retry(3)(work)() == "done"
    assert work.call_count == 3


def test_in_the_end_it_gives_up():
    work = mock.Mock(side_effect=[ValueError("first"), ValueError("last")], __name__="work")
    with pytest.raises(ValueError, match="last"):
        retry(2)(work)()


def test_other_exceptions_are_raised_at_once():
    work = mock.Mock(side_effect=KeyError("x"), __name__="work")
    with pytest.raises(KeyError):
        retry(5, on=ValueError)(work)()
    assert work.call_count == 1


def test_name_and_docstring_stay():
    @retry(2)
    def work():
        "Works."

    assert (work.__name__, work.__doc__) == ("work", "Works.")


def test_each_call_starts_afresh():
    work = mock.Mock(side_effect=[ValueError, 1, ValueError, 2], __name__="work")
    again = retry(2)(work)
    assert [again(), again()] == [1, 2]


def test_times():
    with pytest.raises(ValueError):
        retry(0)
