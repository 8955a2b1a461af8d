import re
from collections import Counter

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def top(text: str, count: int) -> list[tuple[str, int]]:
    found = Counter(WORD.findall(text.lower()))
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:count]
