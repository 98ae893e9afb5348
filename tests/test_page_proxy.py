"""The page behind a proxy, and for several users, in a real browser."""

from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import ask, browser, browsing, go_to, serving, visit
from tests.proxying import proxied
from tests.toy_page import ANN, BOB, users_file

pytestmark = [pytest.mark.browser, pytest.mark.models]


@pytest.mark.parametrize("root", ["path", "address"])
def test_under_a_prefix(tmp_path: Path, chromium: str, root: str) -> None:
    """Page, question, citation, another tab and an upload work where a proxy shows the page under a
    path, and nothing is asked for outside of it, whether --root-path is the path or the address."""
    with proxied("/quoth") as (proxy, outside):
        seen = f"http://127.0.0.1:{proxy.server_address[1]}/quoth"
        given = seen if root == "address" else "/quoth"
        with serving(tmp_path, "--root-path", given) as behind:
            proxy.behind = behind  # type: ignore[attr-defined]
            with browsing(chromium, f"{seen}/") as (page, elsewhere):
                asked: list[str] = []
                errors: list[str] = []
                page.on("request", lambda request: asked.append(request.url))
                page.on("pageerror", lambda error: errors.append(str(error)))
                page.reload()
                page.wait_for_selector("#question textarea")
                ask(page, "How many people were killed?")
                expect(page.locator(".turn .answer")).to_contain_text("613")
                page.locator(".turn .cite").first.click()
                expect(page.locator("#source mark.span")).to_be_in_viewport()
                ask(page, "How many of them were children?")
                go_to(page, "Library")
                expect(page.locator("#listed tbody tr")).to_have_count(5)
                add(page, tmp_path / "owl.txt", "An owl of Harlow\n\nThe owl belongs to Ada Birch.")
                expect(page.locator("#listed tbody tr")).to_have_count(6)
                strange = [
                    url for url in asked if not url.startswith((f"{seen}/", "data:", "blob:"))
                ]
                assert (strange, elsewhere, outside, errors) == ([], [], [], [])
                assert any("/quoth/gradio_api/queue/data" in url for url in asked)


def add(page: Page, file: Path, text: str) -> None:
    """Add a file in the Library tab."""
    file.write_text(text)
    page.set_input_files("#files input[type=file]", file)


def as_user(opened: Browser, address: str, user: tuple[str, str]) -> Page:
    name, password = user
    page, outside = visit(
        opened.new_context(http_credentials={"username": name, "password": password}), address
    )
    assert outside == []
    return page


def test_each_user_has_their_own(tmp_path: Path, chromium: str) -> None:
    """Nothing of one user's conversation or articles is another's; a wrong password lets nobody in."""
    with serving(tmp_path, "--auth", str(users_file(tmp_path))) as address:
        with pytest.raises(HTTPError, match="401"):
            urlopen(address)
        with browser(chromium) as opened:
            wrong = opened.new_context(http_credentials={"username": "ann", "password": "guess"})
            reply = wrong.new_page().goto(address)
            assert reply
            assert reply.status == 401
            ann = as_user(opened, address, ANN)
            go_to(ann, "Library")
            add(ann, tmp_path / "owl.txt", "An owl of Harlow\n\nThe owl of Harlow belongs to Ada Birch.")  # fmt: skip
            expect(ann.locator("#listed tbody tr")).to_have_count(6)
            go_to(ann, "Ask")
            ask(ann, "Who does the owl of Harlow belong to?")
            expect(ann.locator(".turn .answer").first).to_contain_text("Ada Birch")
            bob = as_user(opened, address, BOB)
            expect(bob.locator("#source .entry")).to_have_count(5)
            expect(bob.locator(".turn")).to_have_count(0)
            assert "owl" not in bob.content().lower()
            go_to(bob, "Library")
            expect(bob.locator("#listed tbody tr")).to_have_count(5)
            bob.fill("#find textarea, #find input", "owl")
            expect(bob.locator("#listed")).to_contain_text("No article is like that")
            go_to(bob, "Ask")
            ask(bob, "Who does the owl of Harlow belong to?")
            expect(bob.locator(".turn .answer")).to_contain_text("Not found")
            assert "Ada Birch" not in bob.content()
            ann.reload()
            expect(ann.locator("#source .entry")).to_have_count(6)
