def first_error(text):
    pairs = {")": "(", "]": "[", "}": "{"}
    stack = []
    for index, sign in enumerate(text):
        if sign in "([{":
            stack.append(index)
        elif sign in pairs:
            if not stack or text[stack.pop()] != pairs[sign]:
                return index
    return stack[0] if stack else -1
