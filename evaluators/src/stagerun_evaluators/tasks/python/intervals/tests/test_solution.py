from solution import merge


def test_none():
    assert merge([]) == []


def test_apart():
    assert merge([(5, 6), (1, 2)]) == [(1, 2), (5, 6)]


def test_overlap():
    assert merge([(1, 4), (3, 6)]) == [(1, 6)]


def test_touch():
    assert merge([(1, 2), (2, 3)]) == [(1, 3)]


def test_inside():
    assert merge([(1, 10), (2, 3), (4, 5)]) == [(1, 10)]


def test_the_given_list_is_left_alone():
    given = [(3, 4), (1, 2)]
    merge(given)
    assert given == [(3, 4), (1, 2)]
