ONES = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"]


def shifted(text, letters):
    return text.translate(str.maketrans("IVX", letters))


def to_roman(number):
    if number not in range(1, 4000):
        raise ValueError("from 1 to 3999")
    thousands, rest = divmod(number, 1000)
    hundreds, rest = divmod(rest, 100)
    tens, ones = divmod(rest, 10)
    return "M" * thousands + shifted(ONES[hundreds], "CDM") + shifted(ONES[tens], "XLC") + ONES[ones]
