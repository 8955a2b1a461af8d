import heapq


def order(needs: dict[str, set[str]]) -> list[str]:
    tasks = set(needs).union(*needs.values())
    waits = {task: len(needs.get(task, ())) for task in tasks}
    after: dict[str, list[str]] = {task: [] for task in tasks}
    for task, before in needs.items():
        for need in before:
            after[need].append(task)
    ready = [task for task in tasks if waits[task] == 0]
    heapq.heapify(ready)
    done = []
    while ready:
        task = heapq.heappop(ready)
        done.append(task)
        for later in after[task]:
            waits[later] -= 1
            if waits[later] == 0:
                heapq.heappush(ready, later)
    if len(done) < len(tasks):
        raise ValueError("a circle")
    return done
