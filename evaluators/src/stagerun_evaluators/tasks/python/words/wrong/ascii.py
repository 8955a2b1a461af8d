import re
from collections import Counter


def top(text, count):
    found = Counter(re.findall(r"[a-z]+(?:'[a-z]+)*", text.lower()))
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:count]
