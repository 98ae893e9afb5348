"""One model asked by many at once: what waits is run together."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

__all__ = ["Shared"]

Item = TypeVar("Item")
Result = TypeVar("Result")


class Shared(Generic[Item, Result]):
    """A function of a list, called from many threads, run by one.

    What was asked while it ran goes into the next call together, up to ``limit`` items (more
    only where one asker alone has more). Nobody holds a lock while it runs, and an error
    reaches those whose items were in that call.
    """

    def __init__(self, run: Callable[[list[Item]], Sequence[Result]], limit: int) -> None:
        self._run, self._limit = run, limit
        self._waiting: deque[tuple[Sequence[Item], Future[list[Result]]]] = deque()
        self._thread = ThreadPoolExecutor(1)

    def __call__(self, items: Sequence[Item]) -> list[Result]:
        """The results for ``items``, in their order."""
        future: Future[list[Result]] = Future()
        self._waiting.append((items, future))
        self._thread.submit(self._next)
        return future.result()

    def _next(self) -> None:
        """Runs what waits; there is one call of this for each asker, so the last ones find nothing."""
        asked: list[tuple[Sequence[Item], Future[list[Result]]]] = []
        size = 0
        while self._waiting and (not asked or size + len(self._waiting[0][0]) <= self._limit):
            asked.append(self._waiting.popleft())
            size += len(asked[-1][0])
        if not asked:
            return
        try:
            found = list(self._run([item for items, _ in asked for item in items]))
            if len(found) != size:
                raise ValueError(f"{len(found)} results for {size} items")
        except BaseException as error:
            for _, future in asked:
                future.set_exception(error)
            return
        first = 0
        for items, future in asked:
            future.set_result(found[first : first + len(items)])
            first += len(items)
