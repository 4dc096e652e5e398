"""A real Chromium for the walks; where none is found they are skipped, which the CI script does not allow."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.review.made import PASSWORD

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """Where Chromium lies. Skips the test where there is none, unless one was demanded."""
    given = os.environ.get("TALLYBOOK_CHROMIUM")
    found = given or next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        assert not os.environ.get("TALLYBOOK_BROWSER_TESTS"), "browser tests are demanded and there is no Chromium"
        pytest.skip("no Chromium is installed; TALLYBOOK_CHROMIUM names one")
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """A running browser; as root it must do without its sandbox."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


class Walk:
    """One visitor: a page, what its console complained of, and what it asked of anybody but us."""

    def __init__(self, browser: Browser, base: str, **context: Any) -> None:
        self.base = base.rstrip("/")
        self.context = browser.new_context(viewport=context.pop("viewport", {"width": 1440, "height": 900}), **context)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.page.on("console", lambda one: one.type == "error" and self.complaints.append(one.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append("dialog"), dialog.dismiss()))
        self.context.on("request", self._asked)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "about:")):
            self.foreign.append(request.url)

    def go(self, path: str) -> Page:
        """Open a path of ours."""
        self.page.goto(self.base + path)
        return self.page

    def log_in(self) -> None:
        """Log in as Ann."""
        self.go("/login")
        self.page.fill("main input[name=name]", "ann")
        self.page.fill("main input[type=password]", PASSWORD)
        self.page.click("main button.main")
        self.page.wait_for_selector("text=Log out")


FEWEST = 5
"""So many steps at most from any page to the sentence that is printed."""


def find_prove_copy(walk: Walk, typed: str) -> tuple[int, str]:
    """Type a number anywhere, read its proof, copy the sentence: how many steps that took, and what was copied."""
    page = walk.page
    page.keyboard.press("/")
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    page.wait_for_url("**/find?q=*")
    page.click(".found-figure >> nth=0")
    page.wait_for_url("**/evidence?**")
    assert page.locator("#print").is_visible()
    page.keyboard.press("c")
    page.wait_for_selector(".toast:not([hidden])")
    assert page.locator(".toast").inner_text() == "Copied"
    return len(("/", "type and Enter", "click the figure", "c")), page.evaluate("navigator.clipboard.readText()")
