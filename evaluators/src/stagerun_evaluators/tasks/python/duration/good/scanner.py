SIZES = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def parse(text):
    total, digits, left, seen = 0, "", "dhms", False
    for sign in text.strip():
        if sign in "0123456789":
            digits += sign
        elif sign == " " and not digits:
            continue
        elif sign in left and digits and sign != "":
            total += int(digits) * SIZES[sign]
            left = left[left.index(sign) + 1 :]
            digits, seen = "", True
        else:
            raise ValueError(f"not a duration: {text!r}")
    if digits or not seen:
        raise ValueError(f"not a duration: {text!r}")
    return total
