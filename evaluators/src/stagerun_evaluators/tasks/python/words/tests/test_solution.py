from solution import top


def test_counting():
    assert top("a b a", 2) == [("a", 2), ("b", 1)]


def test_case_does_not_matter():
    assert top("The the THE", 1) == [("the", 3)]


def test_punctuation_is_not_part_of_words():
    assert top("Stop! stop, (stop) - go.", 5) == [("stop", 3), ("go", 1)]


def test_apostrophes():
    assert top("don't 'don't' dont", 3) == [("don't", 2), ("dont", 1)]


def test_equals_are_alphabetical():
    assert top("b c a", 3) == [("a", 1), ("b", 1), ("c", 1)]


def test_no_more_than_asked_for():
    assert top("a b c", 1) == [("a", 1)]
    assert top("a", 0) == []


def test_letters_of_every_alphabet():
    assert top("Straße straße ÉTÉ été x2y", 4) == [("straße", 2), ("été", 2), ("x", 1), ("y", 1)]


def test_a_data_file(request):
    text = (request.path.parent / "speech.txt").read_text(encoding="utf-8")
    assert top(text, 2) == [("the", 4), ("people", 3)]
