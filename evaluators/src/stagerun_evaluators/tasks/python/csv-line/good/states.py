def split(line: str) -> list[str]:
    fields: list[str] = []
    rest = line
    while True:
        if rest.startswith('"'):
            field, rest = quoted(rest[1:])
        else:
            field, comma, after = rest.partition(",")
            rest = comma + after
        fields.append(field)
        if not rest:
            return fields
        if not rest.startswith(","):
            raise ValueError(f"a comma is missing before {rest!r}")
        rest = rest[1:]


def quoted(rest: str) -> tuple[str, str]:
    field = ""
    while True:
        text, quote, rest = rest.partition('"')
        if not quote:
            raise ValueError("a quote is not closed")
        field += text
        if not rest.startswith('"'):
            return field, rest
        field += '"'
        rest = rest[1:]
