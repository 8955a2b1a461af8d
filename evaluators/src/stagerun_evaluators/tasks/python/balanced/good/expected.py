def first_error(text):
    closes = {"(": ")", "[": "]", "{": "}"}
    expected = []
    for index, sign in enumerate(text):
        if sign in closes:
            expected.append((closes[sign], index))
        elif sign in ")]}":
            if not expected:
                return index
            wanted, _ = expected.pop()
            if sign != wanted:
                return index
    if expected:
        return expected[-1][1]
    return -1
