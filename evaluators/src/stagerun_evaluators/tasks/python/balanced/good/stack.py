PAIRS = {")": "(", "]": "[", "}": "{"}


def first_error(text: str) -> int:
    stack: list[int] = []
    for index, sign in enumerate(text):
        if sign in PAIRS.values():
            stack.append(index)
        elif sign in PAIRS:
            if not stack or text[stack.pop()] != PAIRS[sign]:
                return index
    return stack[-1] if stack else -1
