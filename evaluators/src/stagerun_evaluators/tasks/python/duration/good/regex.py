import re

FORM = re.compile(r"(?:(\d+)d)? *(?:(\d+)h)? *(?:(\d+)m)? *(?:(\d+)s)?")


def parse(text: str) -> int:
    found = FORM.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        raise ValueError(f"not a duration: {text!r}")
    return sum(int(part or 0) * size for part, size in zip(found.groups(), (86400, 3600, 60, 1)))
