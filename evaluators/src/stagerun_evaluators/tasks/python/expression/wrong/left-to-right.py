import re


def evaluate(text):
    tokens = re.findall(r"\d+(?:\.\d+)?|[-+*/]", text)
    if not tokens:
        raise ValueError(text)
    value = float(tokens[0])
    for sign, number in zip(tokens[1::2], tokens[2::2]):
        other = float(number)
        value = {"+": value + other, "-": value - other, "*": value * other}.get(sign, 0.0) if sign != "/" else value / other
    return value
