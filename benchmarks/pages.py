"""Article pages from bytes to figures, beside the library that finds the text and the extractor on what it found.

    python -m benchmarks.pages

Makes 50 pages with menus, teasers, banners, comments, lists and tables, and reads each in three ways, in turn, so that
a busy machine slows all of them. Prints the medians in milliseconds and `ratio`: ours over library plus extractor.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from trafilatura.core import bare_extraction

from extractors import derive
from extractors.prose import read_figures
from model import Day, TextRule

PAGES, ROUNDS = 50, 5
DAY = Day("2025-08-13")
PLACES = ("the northern province", "the port city", "three districts", "the capital", "the eastern valley")
SENTENCES = (
    "At least {n} people were killed and {m} wounded when a flood hit {place} on Tuesday, the emergency service said. ",
    "The health ministry reported {n} new cases of measles in {place}, bringing the total to {m}. ",
    "Rescue workers searched through the night, and the road to {place} stayed closed until the morning. ",
    "About {n} of the {m} workers who went on strike in {place} were dismissed, according to the union. ",
    "Nobody had expected the river to rise so fast, a woman who lives near the bridge told reporters. ",
    "Some {m} families were displaced in {place} by August 12, {n} more than a week before. ",
)


def page(chance: random.Random) -> bytes:
    """One made article page of some 20 to 60 kB."""
    paragraphs = "".join(f"<p>{_paragraph(chance)}</p>" for _ in range(chance.randrange(6, 22)))
    rows = "".join(f"<tr><td>{place}</td><td>{chance.randrange(9, 999)}</td></tr>" for place in PLACES)
    items = "".join(f"<li>{place}: {chance.randrange(9, 999)}</li>" for place in PLACES)
    title = _sentence(chance)
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta property="article:published_time" content="2025-08-13T10:00:00Z"><style>{"a.b{color:red}" * 300}</style>
<script>{"window.data=[1,2,3];" * chance.randrange(200, 900)}</script></head>
<body><header><nav><ul>{_menu(40)}</ul></nav>
</header><div class="cookie-banner"><p>We and our 842 partners store data on your device.</p></div><main><article>
<h1>{title}</h1><p class="byline">By A. Writer</p><figure><img src="a.jpg"><figcaption>{_sentence(chance)}</figcaption>
</figure>{paragraphs}<ul>{items}</ul><table>{rows}</table></article><aside class="related">{_teasers(chance)}</aside>
<section class="comments">{_comments(chance)}</section></main>
<footer><ul>{_menu(25)}</ul><p>12,000 people subscribed.</p></footer></body></html>""".encode()


def _comments(chance: random.Random) -> str:
    return "".join(f"<p>{_sentence(chance)}</p>" for _ in range(chance.randrange(20)))


def _sentence(chance: random.Random) -> str:
    made = chance.choice(SENTENCES)
    return made.format(n=chance.randrange(3, 300), m=f"{chance.randrange(300, 90_000):,}", place=chance.choice(PLACES))


def _paragraph(chance: random.Random) -> str:
    text = "".join(_sentence(chance) for _ in range(chance.randrange(2, 5)))
    return text.replace("the ", '<a href="/a">the</a> ', 1).replace(" were ", " <b>were</b> ", 1)


def _menu(count: int) -> str:
    return "".join(f'<li class="item"><a href="/s/{at}">Section {at}</a></li>' for at in range(count))


def _teasers(chance: random.Random) -> str:
    card = '<div class="card"><a href="/t"><img src="x.jpg"><h3>{}</h3></a><p>{}</p></div>'
    return "".join(card.format(_sentence(chance), _sentence(chance)) for _ in range(chance.randrange(4, 24)))


def main() -> None:
    """Time the pages and print one line."""
    chance = random.Random(11)
    pages = [page(chance) for _ in range(PAGES)]
    found = [_found(content) for content in pages]
    ways: dict[str, list[Callable[[], Any]]] = {
        "library": [lambda content=content: _found(content) for content in pages],
        "extractor": [lambda text=text: read_figures(text, language="en", published=DAY) for text in found],
        "ours": [lambda content=content: _ours(content) for content in pages],
    }
    took = {way: statistics.median(times) * 1000 for way, times in _timed(ways).items()}
    ratio = took["ours"] / (took["library"] + took["extractor"])
    figures = sum(len(_ours(content)) for content in pages)
    size = sum(map(len, pages)) / PAGES / 1000
    told = ", ".join(f"{way} {milliseconds:.2f}" for way, milliseconds in took.items())
    print(f"{PAGES} pages of {size:.0f} kB, {figures} figures: {told} ms a page, ratio {ratio:.2f}")


def _timed(ways: dict[str, list[Callable[[], Any]]]) -> dict[str, list[float]]:
    """Of each way, the mean of all pages in each round, in seconds of this process."""
    times: dict[str, list[float]] = {way: [] for way in ways}
    gc.freeze()
    for turn in range(ROUNDS + 1):
        for way, calls in ways.items():
            start = time.process_time()
            for call in calls:
                call()
            if turn:
                times[way].append((time.process_time() - start) / len(calls))
    return times


def _found(content: bytes) -> str:
    document = bare_extraction(content, include_comments=False, include_tables=True)
    return str(getattr(document, "text", None) or "")


def _ours(content: bytes) -> list[Any]:
    document = derive(content, media_type="text/html", text=TextRule())
    return read_figures(document.text, language="en", published=document.dated)


if __name__ == "__main__":
    main()
