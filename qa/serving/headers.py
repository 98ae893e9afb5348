"""The headers of answers: what a browser may do with them, and nothing about the server.

The page's policy lets it load and reach nothing but this server. Gradio makes functions of the
page's own scripts as it runs, which needs ``unsafe-eval``; scripts in the page's text run only if
they are, letter for letter, those that the server wrote, so that none that slips in elsewhere does.
"""

import base64
import hashlib
import re

from qa.serving.asgi import Headers, without

__all__ = ["page_policy", "secured"]

_SCRIPT = re.compile(rb"<script(?:\s[^>]*)?>(.*?)</script>", re.DOTALL)

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
)  # fmt: skip

_PAGE = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'{}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; "
    "worker-src 'self' blob:; manifest-src 'self'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_KEPT = _PAGE.format("")  # a worker goes by the policy of its own script
_OTHER = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def page_policy(page: bytes) -> str:
    """The policy of an HTML page as the server wrote it, with the hashes of its own scripts."""
    hashes = (
        base64.b64encode(hashlib.sha256(found).digest()).decode()
        for found in _SCRIPT.findall(page.replace(b"\r\n", b"\n"))
        if found.strip()
    )
    return _PAGE.format("".join(f" 'sha256-{digest}'" for digest in hashes))


def secured(
    headers: Headers, *, kept: bool, https: bool, policy: str | None = None, cookie: str = ""
) -> Headers:
    """An answer's headers with ours in the place of what the server behind wrote."""
    names = {key.lower() for key, _ in headers}
    ours = {key for key, _ in _ALWAYS} | {b"content-security-policy", b"server"}
    more = [
        *_ALWAYS,
        (b"content-security-policy", (policy or (_KEPT if kept else _OTHER)).encode()),
    ]
    if not kept and b"cache-control" not in names:
        more.append((b"cache-control", b"no-store"))
    if https:
        more.append((b"strict-transport-security", b"max-age=31536000"))
    if cookie:
        secure = "; Secure" if https else ""
        value = f"{cookie}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}"
        more.append((b"set-cookie", value.encode()))
    return [*without(headers, b"access-control-", *ours), *more]
