import functools
from collections.abc import Callable
from typing import Any


def retry(times: int, on: type[BaseException] = Exception) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    if times < 1:
        raise ValueError(times)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def again(*args: Any, **kwargs: Any) -> Any:
            for _ in range(times - 1):
                try:
                    return function(*args, **kwargs)
                except on:
                    continue
            return function(*args, **kwargs)

        return again

    return decorate
