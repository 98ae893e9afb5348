"""What is received of a request once its body has been dealt with."""

import asyncio

from qa.serving.asgi import Message, Receive

__all__ = ["bodiless", "ending"]


def bodiless(receive: Receive) -> Receive:
    """A request without a body, whatever was sent as one."""
    told = False

    async def nothing() -> Message:
        nonlocal told
        if not told:
            told = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while (message := await receive())["type"] == "http.request":
            pass
        return message

    return nothing


def ending(receive: Receive, closing: asyncio.Event, lingers: float) -> Receive:
    """A client that goes away ``lingers`` seconds after the server begins to close."""

    async def closed() -> None:
        await closing.wait()
        await asyncio.sleep(lingers)

    async def until_closed() -> Message:
        waiting = [asyncio.ensure_future(receive()), asyncio.ensure_future(closed())]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            received = waiting[0]
            return received.result() if received.done() else {"type": "http.disconnect"}  # type: ignore[return-value]
        finally:
            for task in waiting:
                task.cancel()

    return until_closed
