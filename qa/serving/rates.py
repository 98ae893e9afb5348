"""How often a client may do what costs: asking, uploading, trying passwords."""

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from corpus.errors import QuothError

__all__ = ["COSTLY", "LIGHT", "Rates", "rate"]

FAILED_LOGINS = "10/minute"


def rate(text: str) -> RateLimitItem:
    """A rate such as "120/minute". Raises QuothError with one line for what is none."""
    try:
        item = parse(text)
    except ValueError:
        item = None
    if item is None or item.amount < 1:
        raise QuothError(f"{text!r} is no rate; expected a number and a time, such as 120/minute")
    return item


LIGHT, COSTLY = 1, 10
"""What a request costs: turning a page of the library is a tenth of asking a question."""


class Rates:
    """Counts what every client did in a moving window of time, in memory."""

    def __init__(self, costly: str) -> None:
        asked, self._failed = rate(costly), rate(FAILED_LOGINS)
        self._costly = type(asked)(asked.amount * COSTLY, asked.multiples, asked.namespace)
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def spend(self, client: str, cost: int = COSTLY) -> float | None:
        """Count what was asked for; the Unix time when it may be tried again if it was too much."""
        if self._window.hit(self._costly, client, cost=cost):
            return None
        return self._again(self._costly, client)

    def failed(self, address: str) -> None:
        """Count a wrong password."""
        self._window.hit(self._failed, "login", address)

    def locked(self, address: str) -> float | None:
        """The Unix time when passwords may be tried again; None where they may be now."""
        if self._window.test(self._failed, "login", address):
            return None
        return self._again(self._failed, "login", address)

    def _again(self, item: RateLimitItem, *client: str) -> float:
        return self._window.get_window_stats(item, *client).reset_time
