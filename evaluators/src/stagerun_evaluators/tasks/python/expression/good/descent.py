import re

TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|[-+*/()])")


def evaluate(text: str) -> float:
    tokens: list[str] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"cannot read {text[at:]!r}")
        tokens.append(found.group(1))
        at = found.end()
    parser = Parser(tokens)
    value = parser.sum()
    if parser.tokens:
        raise ValueError(f"left over: {parser.tokens}")
    return value


class Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def take(self) -> str:
        if not self.tokens:
            raise ValueError("it ends too early")
        return self.tokens.pop(0)

    def next_is(self, signs: str) -> bool:
        return bool(self.tokens) and self.tokens[0] in signs

    def sum(self) -> float:
        value = self.product()
        while self.next_is("+-"):
            value = value + self.product() if self.take() == "+" else value - self.product()
        return value

    def product(self) -> float:
        value = self.unary()
        while self.next_is("*/"):
            value = value * self.unary() if self.take() == "*" else value / self.unary()
        return value

    def unary(self) -> float:
        token = self.take()
        if token == "-":
            return -self.unary()
        if token == "(":
            value = self.sum()
            if self.take() != ")":
                raise ValueError("a bracket is not closed")
            return value
        return float(token)
