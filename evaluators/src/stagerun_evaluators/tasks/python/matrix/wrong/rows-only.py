def spiral(rows):
    found = []
    for number, row in enumerate(rows):
        found += row if number % 2 == 0 else row[::-1]
    return found
