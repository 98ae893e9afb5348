"""One thread that runs all models of the process.

Each thread that computes with PyTorch gets helpers of its own, one for each core. With two such
threads there are more of them than cores, and then they sleep after each product instead of
waiting for the next: a question took a third more time. So encoder and reader, of questions and
of articles that are added, take turns, a batch at a time.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import TypeVar

__all__ = ["computed"]

Result = TypeVar("Result")

_here = local()


def _begin() -> None:
    _here.computes = True


_THREAD = ThreadPoolExecutor(1, thread_name_prefix="models", initializer=_begin)


def computed(work: Callable[[], Result]) -> Result:
    """What ``work`` returns, done by that thread, when those who asked before have had theirs."""
    if getattr(_here, "computes", False):
        return work()
    return _THREAD.submit(work).result()
