def retry(times, on=Exception):
    if times < 1:
        raise ValueError(times)

    def decorate(function):
        def again(*args, **kwargs):
            for _ in range(times):
                try:
                    return function(*args, **kwargs)
                except on:
                    pass

        return again

    return decorate
