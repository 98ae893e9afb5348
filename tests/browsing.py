"""A real server and a real browser for the page's tests."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    Route,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parent.parent

expect.set_options(timeout=30_000)  # a slow machine is no failure; what holds is seen at once


@contextmanager
def serving(home: Path, *args: str, port: int = 0) -> Iterator[str]:
    """The address of a page that is served until the end."""
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    command = [sys.executable, "app.py", "--port", str(port), *args]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {"QUOTH_HOME": str(home)}) as server:
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(240):
                assert server.poll() is None, "the server has stopped"
                try:
                    urlopen(f"{address}/health", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.5)
            yield address
        finally:
            server.terminate()


@contextmanager
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium that calls nobody by itself."""
    quiet = [
        "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--disable-component-update",
    ]  # fmt: skip
    with (
        sync_playwright() as play,
        play.chromium.launch(executable_path=chromium, args=quiet) as opened,
    ):
        yield opened


def visit(opened: Browser | BrowserContext, address: str, **options: Any) -> tuple[Page, list[str]]:
    """A page in which no request for another host gets out; they are listed."""
    outside: list[str] = []
    page = opened.new_page(**options)
    page.set_default_timeout(60_000)
    host = "/".join(address.split("/")[:3])

    def gate(route: Route, request: Request) -> None:
        if request.url.startswith((host, "data:", "blob:")):
            route.continue_()
        else:
            outside.append(request.url)
            route.abort()

    page.route("**/*", gate)
    page.goto(address)
    page.wait_for_selector("#question textarea")
    return page, outside


@contextmanager
def browsing(chromium: str, address: str, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """One visitor's page, see ``visit``."""
    with browser(chromium) as opened:
        yield visit(opened, address, **options)


def ask(page: Page, question: str) -> None:
    """Ask and wait for the answer."""
    turns = page.locator(".turn .tools").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    expect(page.locator(".turn .tools")).to_have_count(turns + 1, timeout=60_000)


def go_to(page: Page, tab: str) -> None:
    """Open a tab."""
    page.get_by_role("tab", name=tab, exact=True).click()


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Go to an element with the Tab key alone, if the focus is not on it already."""
    for _ in range(most):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab")


def serious(page: Page) -> list[tuple[str, str, str]]:
    """What axe finds serious or critical: (rule, element, why)."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"runOnly": {"type": "tag", "values": tags}}
    found = Axe().run(page, options=options).response["violations"]
    return [
        (rule["id"], node["html"][:200], node["any"][0]["message"] if node["any"] else "")
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
