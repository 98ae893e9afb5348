"""Where a request comes from: which host it asks for, and which site's page sends it."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from qa.serving.asgi import Refused, Scope, header

__all__ = ["Origins", "is_loopback"]

_HOST = re.compile(
    r"(?P<name>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>\d{1,5}))?"
)
_PORTS = {"http": 80, "https": 443}
_SAFE = ("GET", "HEAD")


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this computer's own."""
    name = host.lower().strip("[]").removesuffix(".")
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


class Origins:
    """Refuses what a page of another site sends, and, where ``only_here``, names of other hosts.

    The second is against DNS rebinding: a site that lets its own name point to this computer is the
    same site to the browser, but it is its own name that is asked for. ``root`` is the address that
    people see, where that is another than the server's.
    """

    def __init__(self, only_here: bool, root: str = "") -> None:
        self._only_here = only_here
        seen = urlsplit(root)
        self._root = _origin(root) if seen.netloc else None
        self._root_name = (seen.hostname or "").lower()

    def check(self, scope: Scope) -> None:
        """Raises Refused with 400 for a host that is none, 403 for what another site sends."""
        found = _HOST.fullmatch(header(scope, b"host"))
        if found is None or int(found["port"] or 1) not in range(1, 65536):
            raise Refused(400, "the Host header is missing or names no host")
        name = found["name"].lower()
        if self._only_here and not is_loopback(name) and name != self._root_name:
            raise Refused(
                403, "this server answers only to this computer's own names, such as localhost; "
                "behind a proxy, start it with --root-path and the address that people use",
            )  # fmt: skip
        origin, site = header(scope, b"origin"), header(scope, b"sec-fetch-site")
        safe = scope["method"] in _SAFE
        if not safe and site in ("cross-site", "same-site"):
            raise Refused(403, "a page of another site may not send this")
        if origin and not safe:
            asked = _origin(f"{origin.partition(':')[0]}://{found[0]}")  # a proxy may end TLS
            if _origin(origin) not in {asked, self._root} - {None}:
                raise Refused(403, "a page of another site may not send this")


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what has none, such as "null"."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            return None
        return parts.scheme, parts.hostname.lower(), parts.port or _PORTS[parts.scheme]
    except ValueError:
        return None
