def top(text, count):
    counts = {}
    for word in words(text.lower()):
        counts[word] = counts.get(word, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:count]


def words(text):
    word = ""
    for at, sign in enumerate(text + " "):
        following = text[at + 1 : at + 2]
        if sign.isalpha() or (sign == "'" and word and following.isalpha()):
            word += sign
        elif word:
            yield word
            word = ""
