"""The pages of one look as one release: how they are kept byte for byte, and what each says of the next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from model import UnreadableError

_MAGIC = b"tallybook-pages 1\n"


class FetchedPage(NamedTuple):
    """One page as it was fetched: the address that was asked, without its secrets, and the bytes of the answer."""

    url: str
    content: bytes


class PageTurn(NamedTuple):
    """What a page says of those that follow.

    `rows` is how many it has, `digest` tells them from those of other pages; `next` is the address that it names,
    `total` how many rows there are in all, and `more` whether any follow, each None where nothing says it.
    """

    rows: int
    digest: str
    next: str | None = None
    total: int | None = None
    more: bool | None = None


def joined(pages: Iterable[FetchedPage]) -> bytes:
    """Pages as the bytes of one release: behind a first line, each page's address and length as JSON, then its bytes.

    The same pages always give the same bytes.
    """
    parts = [_MAGIC]
    for page in pages:
        head = json.dumps({"url": page.url, "bytes": len(page.content)})
        parts += [head.encode(), b"\n", page.content, b"\n"]
    return b"".join(parts)


def parted(content: bytes) -> list[FetchedPage]:
    """The pages of a release that was fetched in pages; none of other bytes.

    Raises `UnreadableError` where they are broken.
    """
    return list(_pages(content)) if content.startswith(_MAGIC) else []


def _pages(content: bytes) -> Iterator[FetchedPage]:
    at = len(_MAGIC)
    while at < len(content):
        end = content.find(b"\n", at)
        try:
            head = json.loads(content[at : max(end, 0)])
            url, size = str(head["url"]), int(head["bytes"])
        except (ValueError, TypeError, KeyError):
            raise UnreadableError("the pages of the release are broken", "look at what is archived") from None
        at = end + 1 + size
        if size < 0 or content[at : at + 1] != b"\n":
            raise UnreadableError("the pages of the release are cut short", "look at what is archived")
        page = content[end + 1 : at]
        if page.startswith(_MAGIC):
            raise UnreadableError("a page of the release is made of pages itself", "look at what the publisher sends")
        yield FetchedPage(url, page)
        at += 1


def one_text(texts: list[str], *, is_json: bool) -> str:
    """The texts of pages as one: a list of JSON documents, or lines below one heading.

    Raises `UnreadableError` where the first line of a page is not that of the first.
    """
    if is_json:
        return "[\n" + ",\n".join(texts) + "\n]"
    heading = texts[0].partition("\n")[0].strip()
    parts = [texts[0]]
    for number, text in enumerate(texts[1:], start=2):
        line, _, rest = text.partition("\n")
        if line.strip() != heading:
            raise UnreadableError(f"page {number} begins with another line than page 1: {line.strip()[:80]!r}")
        parts.append(rest)
    return "".join(part if part.endswith("\n") or not part else part + "\n" for part in parts)


def digest_of(rows: Any) -> str:
    """What tells the rows of one page from those of another."""
    return hashlib.sha256(json.dumps(rows, default=str).encode("utf-8", "surrogatepass")).hexdigest()
