"""One model for many askers, and work done ahead by another thread."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import pytest

from embeddings.ahead import ahead
from embeddings.sharing import Shared


def test_what_waits_is_run_together() -> None:
    """Everyone gets the results of their own items; no call but the first is for one asker alone."""
    sizes: list[int] = []
    begun, go = Event(), Event()

    def double(items: list[int]) -> list[int]:
        begun.set()
        go.wait(10)
        sizes.append(len(items))
        return [2 * item for item in items]

    shared = Shared(double, limit=10)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(shared, [0])
        begun.wait(10)
        others = [pool.submit(shared, [n, n + 100]) for n in range(8)]
        while len(shared._waiting) < 8:
            time.sleep(0.001)
        go.set()
        assert first.result() == [0]
        assert [f.result() for f in others] == [[2 * n, 2 * n + 200] for n in range(8)]
    assert sizes == [1, 10, 6]


def test_more_than_the_limit_from_one_asker_is_run() -> None:
    """Nobody is turned away, and to ask nothing is no error."""
    shared = Shared(lambda items: items, limit=2)
    assert shared([1, 2, 3]) == [1, 2, 3]
    assert shared([]) == []


def test_an_error_reaches_who_asked_and_no_one_later() -> None:
    """The next call works."""

    def run(items: list[int]) -> list[float]:
        return [1 / item for item in items]

    shared = Shared(run, limit=1)
    with pytest.raises(ZeroDivisionError):
        shared([0])
    assert shared([2]) == [0.5]


@pytest.mark.parametrize("made", [[], [1], [1, 2, 3]])
def test_results_that_do_not_fit_reach_nobody(made: list[int]) -> None:
    """Rather an error than another asker's result, or none for ever."""
    with pytest.raises(ValueError, match=f"{len(made)} results for 2 items"):
        Shared(lambda items: (n for n in made), limit=5)([1, 2])  # type: ignore[arg-type, return-value]


def test_work_ahead_keeps_order_and_bounds() -> None:
    """The same items; never more than ``depth`` before they are asked for; errors in their place."""
    made: list[int] = []

    def count() -> Iterator[int]:
        for n in range(50):
            made.append(n)
            yield n
        raise OSError("the end")

    with closing(ahead(count(), 4)) as items:
        for expected in range(50):
            assert next(items) == expected
            assert len(made) <= expected + 1 + 5
        with pytest.raises(OSError, match="the end"):
            next(items)


def test_work_ahead_stops_when_nobody_wants_it() -> None:
    """Who leaves early does not wait for the rest."""
    made: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    with closing(ahead(endless(), 3)) as items:
        assert [next(items) for _ in range(5)] == [0, 1, 2, 3, 4]
    time.sleep(0.05)
    assert len(made) <= 9
