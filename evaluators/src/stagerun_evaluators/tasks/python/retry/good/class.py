import functools


class retry:
    def __init__(self, times, on=Exception):
        if times < 1:
            raise ValueError("at least once")
        self.times, self.on = times, on

    def __call__(self, function):
        def again(*args, **kwargs):
            left = self.times
            while True:
                left -= 1
                try:
                    return function(*args, **kwargs)
                except self.on:
                    if not left:
                        raise

        return functools.update_wrapper(again, function)
