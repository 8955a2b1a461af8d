import re


def parse(text):
    sizes = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    found = re.findall(r"(\d+)([dhms])", text)
    if not found:
        raise ValueError(f"not a duration: {text!r}")
    return sum(int(number) * sizes[unit] for number, unit in found)
