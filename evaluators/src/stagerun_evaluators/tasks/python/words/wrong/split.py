from collections import Counter


def top(text, count):
    return Counter(text.lower().split()).most_common(count)
