import functools


def retry(times, on=Exception):
    if times < 1:
        raise ValueError(times)
    left = [times]

    def decorate(function):
        @functools.wraps(function)
        def again(*args, **kwargs):
            while True:
                left[0] -= 1
                try:
                    return function(*args, **kwargs)
                except on:
                    if left[0] <= 0:
                        raise

        return again

    return decorate
