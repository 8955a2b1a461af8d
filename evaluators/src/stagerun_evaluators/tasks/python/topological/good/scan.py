def order(needs):
    left = {task: set(before) for task, before in needs.items()}
    for before in needs.values():
        for need in before:
            left.setdefault(need, set())
    done = []
    while left:
        ready = [task for task, before in left.items() if before <= set(done)]
        if not ready:
            raise ValueError("a circle")
        first = min(ready)
        done.append(first)
        del left[first]
    return done
