import re


def evaluate(text):
    tokens = re.findall(r"\d+(?:\.\d+)?|\S", text)
    value, rest = total(tokens)
    if rest:
        raise ValueError(text)
    return value


def total(tokens):
    value, rest = product(tokens)
    if rest and rest[0] in "+-":
        other, after = total(rest[1:])
        return (value + other if rest[0] == "+" else value - other), after
    return value, rest


def product(tokens):
    value, rest = single(tokens)
    if rest and rest[0] in "*/":
        other, after = product(rest[1:])
        return (value * other if rest[0] == "*" else value / other), after
    return value, rest


def single(tokens):
    if not tokens:
        raise ValueError("it ends too early")
    if tokens[0] == "-":
        value, rest = single(tokens[1:])
        return -value, rest
    if tokens[0] == "(":
        value, rest = total(tokens[1:])
        if not rest or rest[0] != ")":
            raise ValueError("a bracket is not closed")
        return value, rest[1:]
    return float(tokens[0]), tokens[1:]
