"""A morning at the desk of forty sources, by keyboard alone, in Chromium: what it takes, and what stands in the way.

    python -m benchmarks.desk_of_forty HOME
    python -m benchmarks.walk_of_forty HOME [--widths 1440,1024,768,390] [--schemes light,dark] [--scripts 1,0]

On a copy of the ledger for each width, and once more without a script, whoever is logged in decides on what the morning
holds, has done with every other update, and finds 2,353, reads its proof and copies its sentence. Every key is pressed
and counted; the seconds are those of the keystroke-level model (Card, Moran and Newell 1980): 0.3 a key, 1.2 to think.
Every kind of page is looked at in each scheme: axe with target sizes (WCAG 2.5.8), width, and whether what has the
focus is hidden by something (2.4.11).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from benchmarks.desk_of_forty import settings_of
from cli.commands.serve import office_of
from flows.desk import Desk
from model import now
from review.server import PageServer
from tests.review.browsers import Walk, launched

KEY, THINK = 0.3, 1.2
"""Seconds to press a key, and to make up one's mind."""

MEANT = "121,507"
"""The value of the headline that 2,353 more came to; other sources state a 2,353 too."""

TOGETHER = ".note a[href^='/held/several']"
NEW = "a[data-decide-new]"
WHY = "a digit too many"
STOPS = 60
"""So many stops of the Tab key are looked at on each page."""

HIDDEN = """() => {
  const it = document.activeElement, box = it.getBoundingClientRect();
  if (it === document.body || !box.width || !box.height) return "";
  const inside = (x, y) => {
    const top = document.elementFromPoint(x, y);
    return top && (it.contains(top) || top.contains(it) || [...(it.labels || [])].some((one) => one.contains(top)));
  };
  const points = [[.5, .5], [.05, .1], [.95, .1], [.05, .9], [.95, .9]];
  const seen = points.some(([x, y]) => inside(box.x + x * box.width, box.y + y * box.height));
  return seen ? "" : it.outerHTML.slice(0, 120);
}"""


def main() -> None:
    """Walk, look, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--widths", default="1440,1024,768,390")
    parser.add_argument("--schemes", default="light,dark", help="in which pages are looked at; none where empty")
    parser.add_argument("--scripts", default="1,0", help="whether the walk is with a script, without, or both")
    parser.add_argument("--pictures", type=Path, help="where pictures are kept")
    given = parser.parse_args()
    with launched() as browser:
        for width in map(int, given.widths.split(",")):
            for scheme in filter(None, given.schemes.split(",")):
                with _visitor(browser, given.home, width, color_scheme=scheme) as walk:
                    look(walk, width, given.pictures and given.pictures / f"{width}-{scheme}")
            for script in map(int, filter(None, given.scripts.split(","))):
                with _visitor(browser, given.home, width, java_script_enabled=bool(script)) as walk:
                    hands = Hands(walk)
                    morning(hands, script=bool(script))
                    find(hands, script=bool(script))


@contextmanager
def _visitor(browser: Browser, home: Path, width: int, **how: Any) -> Iterator[Walk]:
    """Ann, logged in to the page of a copy of the ledger."""
    print(f"== {width} pixels, {', '.join(f'{name} {value}' for name, value in how.items())}", flush=True)
    allowed = ["clipboard-read", "clipboard-write"]
    with served_copy(home.resolve()) as base:
        walk = Walk(browser, base, viewport={"width": width, "height": 900}, permissions=allowed, **how)
        walk.log_in()
        yield walk
        print(f"   complaints: {walk.complaints or 'none'}; asked of others: {walk.foreign or 'nothing'}", flush=True)
        walk.context.close()


@contextmanager
def served_copy(home: Path) -> Iterator[str]:
    """The page of a copy of the ledger, so that every walk begins at the same morning."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("archive", "sources"):
            (copy / name).symlink_to(home / name)
        for one in home.glob("*.sqlite*"):
            shutil.copy(one, copy)
        with Desk(settings_of(copy), now) as desk, PageServer(office_of(desk), "127.0.0.1", 0) as server:
            yield server.address


class Hands:
    """Two hands on a keyboard: every key that they press, by its name, and every thought between."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.page = walk, walk.page
        self.begin()

    def begin(self) -> None:
        """Count from nothing."""
        self.keys: Counter[str] = Counter()
        self.thoughts = 0

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)
        self.keys[key] += 1

    def follow(self) -> None:
        """Press Enter on a link or a button, and wait for where it leads."""
        with self.page.expect_navigation():
            self.press("Enter")

    def type(self, text: str) -> None:
        """Type some words."""
        self.page.keyboard.type(text)
        self.keys["a letter"] += len(text)

    def think(self, times: int = 1) -> None:
        """Make up one's mind."""
        self.thoughts += times

    def tab_to(self, selector: str) -> None:
        """Press Tab until what is meant has the focus."""
        for _ in range(400):
            if self.page.evaluate("what => document.activeElement.matches(what)", selector):
                return
            self.press("Tab")
        raise SystemExit(f"no Tab leads to {selector} on {self.page.url}")

    def skip_to(self, place: str) -> None:
        """Follow the page's own way past what stands before a place."""
        self.page.evaluate("document.activeElement.blur()")
        self.tab_to(f"a.skip[href='{place}']")
        self.press("Enter")

    def told(self) -> str:
        """What it came to: `412 keys (e 111, Tab 90 …), 138 thoughts: 4 min 49 s`."""
        count = sum(self.keys.values())
        seconds = count * KEY + self.thoughts * THINK
        each = ", ".join(f"{key} {times}" for key, times in self.keys.most_common())
        return f"{count} keys ({each}), {self.thoughts} thoughts: {int(seconds // 60)} min {seconds % 60:.0f} s"


def morning(hands: Hands, *, script: bool) -> None:
    """Decide on all that the morning holds, and have done with it."""
    page = hands.walk.go("/")
    first = int(page.locator("[data-left]").inner_text().split()[0].replace(",", ""))
    decided = _decide(hands) if script else _decide_on(hands)
    print(f"   decided on {decided}: {hands.told()}")
    keys, thoughts = hands.keys, hands.thoughts
    hands.begin()
    done = _read_by_key(hands) if script else _read_by_box(hands)
    print(f"   done with {done} of {first}: {hands.told()}")
    hands.keys, hands.thoughts = hands.keys + keys, hands.thoughts + thoughts
    print(f"   together: {hands.told()}", flush=True)
    hands.begin()


def _decide(hands: Hands) -> int:
    """Each held update of the morning: read the finding, choose a proposed value or none, say why, and on."""
    page, decided = hands.page, 0
    hands.walk.go("/")
    while page.locator("a[data-hold]").count():
        hands.think()
        hands.press("Enter")
        page.wait_for_url("**/held/**")
        hands.think(2)
        if page.locator(TOGETHER).count():
            hands.tab_to(TOGETHER)
            hands.follow()
        _answer(hands, script=True)
        decided += 1
        page.locator(".done-note").wait_for()
        hands.press("Escape")
        page.wait_for_url(hands.walk.base + "/")
        page.wait_for_load_state()
    return decided


def _decide_on(hands: Hands) -> int:
    """The same without a script: one question leads to the next, and the last one back."""
    page, decided = hands.page, 0
    hands.walk.go("/")
    if page.locator(NEW).count():
        hands.think()
        hands.skip_to("#main")
        hands.tab_to(NEW)
        hands.follow()
    while "/held/" in page.url:
        hands.think(3)
        hands.skip_to("#answer")
        _answer(hands, script=False)
        decided += 1
        page.locator(".done-note").wait_for()
    return decided


def _answer(hands: Hands, *, script: bool) -> None:
    page = hands.page
    proposed = page.locator("[data-proposed]:not([value=''])").count() > 0
    if proposed:
        if script:
            hands.press("e")
        hands.tab_to("[data-proposed]")
        hands.press("ArrowDown")
    elif script:
        hands.press("r")
    if script:
        hands.tab_to("[data-chip]")
        hands.press("Enter")
    else:
        hands.tab_to("textarea[name=why]")
        hands.type(WHY)
    if page.locator("[data-confirm]").count():
        hands.tab_to("[data-confirm]")
        hands.press("Space")
    hands.tab_to("[data-correct]" if proposed else "[data-key=r]")
    hands.follow()


def _read_by_key(hands: Hands) -> int:
    """Every update is chosen and shown, looked at a moment, and done with by one key."""
    page, done = hands.page, 0
    while page.locator("[data-line]").count():
        for _ in range(page.locator(".mline:not(.gone)").count()):
            hands.think()
            with page.expect_response("**/done"):
                hands.press("e")
            done += 1
        page.locator(".mline:not(.gone), [data-filters]").first.wait_for(state="attached")
        page.wait_for_load_state()
    return done


def _read_by_box(hands: Hands) -> int:
    """Every line is read, and a page of them is done with by its button."""
    page, done = hands.page, 0
    while count := page.locator("[data-line]").count():
        hands.think(count)
        hands.skip_to("#lines")
        hands.tab_to("[data-done-page]")
        hands.follow()
        done += count
    return done


def find(hands: Hands, *, script: bool) -> None:
    """Find 2,353 from another page, read its proof, copy its sentence."""
    page = hands.walk.go("/sources")
    if script:
        hands.press("/")
    else:
        hands.tab_to("[data-find]")
    hands.type("2,353")
    hands.press("Enter")
    page.wait_for_url("**/find?q=*")
    hands.think()
    if script:
        hands.press("j")
        while MEANT not in page.locator(".here").inner_text():
            hands.press("j")
    else:
        hands.tab_to(".found-figure[href*='mediazona_headline']")
    hands.press("Enter")
    page.wait_for_url("**/evidence?**")
    hands.think()
    if not script:
        print(f"   2,353 found and proof read: {hands.told()}")
        return
    hands.press("c")
    page.wait_for_selector(".toast:not([hidden])")
    copied = page.evaluate("navigator.clipboard.readText()")
    print(f"   2,353 in 5 steps (/, type and Enter, j to it, Enter, c): {hands.told()}; copied “{copied}”")


PAGES = {
    "new": "/", "log": "/log", "log of long tables": "/log?source=nics", "held": "/held", "series list": "/series",
    "compare": "/compare?measure=killed", "sources": "/sources", "one source": "/sources/oryx_types",
    "find": "/find?q=2%2C353", "series": "/series/mediazona_headline/total", "a large update": "/updates/nics/2",
    "login": "/login",
}  # fmt: skip


def look(walk: Walk, width: int, pictures: Path | None) -> None:
    """Look at every kind of page: axe, width, and what hides the focus."""
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    places = dict(PAGES)
    decide = walk.go("/held").locator("[data-decide]").first.get_attribute("href")
    proof = walk.go("/find?q=2%2C353").locator(".found-figure").first.get_attribute("href")
    for name, path in {**places, "decide": str(decide), "evidence": str(proof)}.items():
        page = walk.go(path)
        found += [f"{name}: {one}" for one in _broken(page, width)]
        if pictures:
            page.screenshot(path=pictures / f"{name.replace(' ', '-')}.png", full_page=False)
    print(f"   looked at {len(places) + 2} kinds of page: {len(found)} findings")
    for one in found:
        print(f"     {one}", flush=True)


def _broken(page: Any, width: int) -> Iterator[str]:
    options = {"rules": {"target-size": {"enabled": True}}}
    for one in Axe().run(page, options=options).response["violations"]:
        for node in one["nodes"][:3]:
            yield f"axe {one['id']} ({one['impact']}, {len(one['nodes'])}): {node['html'][:150]}"
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        yield f"{wide - width} pixels too wide"
    page.evaluate("document.activeElement.blur()")
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if hidden := page.evaluate(HIDDEN):
            yield f"the focus is hidden: {hidden}"


if __name__ == "__main__":
    main()
