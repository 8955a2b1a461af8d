from solution import first_error


def test_nothing_is_balanced():
    assert first_error("") == -1


def test_nested_and_side_by_side():
    assert first_error("a(b[c]{d})(e)") == -1


def test_wrong_kind():
    assert first_error("(]") == 1


def test_closed_too_often():
    assert first_error("()) (") == 2


def test_left_open():
    assert first_error("x([y]") == 1


def test_innermost_of_those_left_open():
    assert first_error("([{}") == 1


def test_order_matters():
    assert first_error("([)]") == 2
