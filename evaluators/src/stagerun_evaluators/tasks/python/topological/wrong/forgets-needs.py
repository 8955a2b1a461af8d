def order(needs):
    left = {task: set(before) & set(needs) for task, before in needs.items()}
    done = []
    while left:
        ready = [task for task, before in left.items() if before <= set(done)]
        if not ready:
            raise ValueError("a circle")
        first = min(ready)
        done.append(first)
        del left[first]
    return done
