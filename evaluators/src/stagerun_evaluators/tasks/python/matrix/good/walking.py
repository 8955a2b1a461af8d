def spiral(rows):
    if not rows or not rows[0]:
        return []
    seen, found = set(), []
    row, column, down, right = 0, 0, 0, 1
    for _ in range(len(rows) * len(rows[0])):
        found.append(rows[row][column])
        seen.add((row, column))
        ahead = (row + down, column + right)
        inside = 0 <= ahead[0] < len(rows) and 0 <= ahead[1] < len(rows[0])
        if not inside or ahead in seen:
            down, right = right, -down
        row, column = row + down, column + right
    return found
