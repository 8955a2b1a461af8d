import re


def parse(text):
    found = re.fullmatch(r"(?:(\d+)d)? *(?:(\d+)h)? *(?:(\d+)m)? *(?:(\d+)s)?", text.strip())
    if found is None or not any(found.groups()):
        raise ValueError("not a duration")
    return sum(int(part or 0) * size for part, size in zip(found.groups(), (86400, 3600, 60, 1)))
