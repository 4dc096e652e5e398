"""The addresses of the pages that one answer comes in: made by a parameter, or named by the page before."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import SplitResult, quote, unquote_plus, urljoin

from requests.utils import parse_header_links

from model import FetchError, Paging, public_url, split_url


def numbered(url: str, rule: Paging, number: int, rows: int) -> str:
    """The address of a page (1 is the first) before which so many rows came; the first of `next` is as it stands."""
    if rule.offset is not None:
        return with_parameter(url, rule.offset, rows)
    if rule.page is not None:
        return with_parameter(url, rule.page, rule.first + number - 1)
    return url


def with_parameter(url: str, name: str, value: int) -> str:
    """An address in which a parameter has this value, and everything else is as it was written."""
    parts = _split(url)
    others = [pair for pair in parts.query.split("&") if pair and unquote_plus(pair.partition("=")[0]) != name]
    return parts._replace(query="&".join([*others, f"{quote(name, safe='$[]')}={value}"]), fragment="").geturl()


def named(asked: str, answered: str, link: str) -> str:
    """The address that a page names as the next, asked where the first one was, with its scheme and credentials.

    `asked` is the first address as the definition writes it, `answered` the one that its answer came from.
    Raises `FetchError` `page_link` for another host.
    """
    first = _split(asked)
    base = asked if _place(first) == _place(_split(answered)) else answered
    first = _split(base)
    try:
        following = split_url(urljoin(base, link.strip()))
    except ValueError:
        following = None
    if following is None or not following.hostname or _place(following) != _place(first):
        shown = public_url(link)[:200]
        raise FetchError("page_link", f"the next page is not at {first.hostname}, where the first was: {shown}")
    return following._replace(scheme=first.scheme, netloc=first.netloc, fragment="").geturl()


def linked(header: str) -> str | None:
    """The address that a `Link` header names as the next page; None where it names none."""
    with suppress(ValueError):
        for link in parse_header_links(header):
            if "next" in link.get("rel", "").lower().split():
                return str(link["url"])
    return None


def same_host(one: str, other: str) -> bool:
    """Whether two addresses are at one host and port; http and https count as one where they have their usual ports."""
    return _place(_split(one)) == _place(_split(other))


def _place(parts: SplitResult) -> tuple[str | None, int | None]:
    return parts.hostname, None if parts.port in (80, 443) else parts.port


def _split(url: str) -> SplitResult:
    parts = split_url(url)
    if parts is None:
        raise FetchError("bad_url", "the address cannot be read; write https://host/path")
    return parts
