def order(needs):
    tasks = set(needs).union(*needs.values())
    done = []
    while len(done) < len(tasks):
        ready = sorted(task for task in tasks - set(done) if needs.get(task, set()) <= set(done))
        if not ready:
            raise ValueError("a circle")
        done += ready
    return done
