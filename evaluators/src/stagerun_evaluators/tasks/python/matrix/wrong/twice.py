def spiral(rows):
    found = []
    if not rows or not rows[0]:
        return found
    top, bottom, left, right = 0, len(rows) - 1, 0, len(rows[0]) - 1
    while top <= bottom and left <= right:
        found += [rows[top][x] for x in range(left, right + 1)]
        found += [rows[y][right] for y in range(top + 1, bottom + 1)]
        found += [rows[bottom][x] for x in range(right - 1, left - 1, -1)]
        found += [rows[y][left] for y in range(bottom - 1, top, -1)]
        top, bottom, left, right = top + 1, bottom - 1, left + 1, right - 1
    return found
