def merge(intervals):
    events = sorted([(start, 0) for start, _ in intervals] + [(end, 1) for _, end in intervals])
    merged, depth, opened = [], 0, 0
    for at, closes in events:
        if not closes:
            if depth == 0:
                opened = at
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                merged.append((opened, at))
    return merged
