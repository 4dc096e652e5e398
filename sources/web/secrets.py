"""Secrets in a definition's addresses: written `${NAME}`, filled in from the environment when they are asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

import msgspec

from model import Fetched, FetchError, Source, split_url

_SECRET_LENGTH = 8

NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def own_hosts(source: Source) -> frozenset[str]:
    """The hosts that a definition itself names, in lower case; what a page links or redirects to is not among them."""
    listing = source.listing
    addresses = (source.url, *((listing.url, listing.address) if listing else ()))
    parts = [split_url(address) for address in addresses if address]
    return frozenset(part.hostname for part in parts if part and part.hostname)


class Secrets:
    """The secrets that one source's addresses name; only its own hosts are told them.

    A page may link whatever it likes: `${NAME}` in an address of another host stays as it is.
    """

    def __init__(self, source: Source, environment: Mapping[str, str]) -> None:
        listing = source.listing
        stated = (source.url, *((listing.url, listing.address, listing.post) if listing else ()))
        self._source, self._environment = source, environment
        self._names = {name for text in stated if text for name in NAMED.findall(text)}
        self._hosts = own_hosts(source)
        self._told: dict[str, str] = {}

    def address(self, url: str) -> str:
        """An address with its secrets filled in. Raises `FetchError` `no_secret` naming what is not set."""
        parts = split_url(url)
        if not self._names or parts is None or parts.hostname not in self._hosts:
            return url
        return NAMED.sub(lambda name: self._filled(name, lambda value: quote(value, safe="")), url)

    def posted(self, text: str | None) -> str | None:
        """JSON that is posted, with its secrets filled in. Raises `FetchError` `no_secret`."""
        if text is None:
            return None
        return NAMED.sub(lambda name: self._filled(name, lambda value: json.dumps(value)[1:-1]), text)

    def hidden(self, text: str) -> str:
        """A text in which every secret is its name again."""
        for value, name in self._told.items():
            text = text.replace(value, name)
        return text

    def kept_out(self, fetched: Fetched) -> Fetched:
        """An answer without the secrets, which servers repeat in the addresses of further pages.

        A short one is no secret, and may be a number of the report.
        """
        content = fetched.content
        for value, name in self._told.items():
            if content and len(value) >= _SECRET_LENGTH:
                content = content.replace(value.encode(), name.encode())
        headers = {name: self.hidden(value) for name, value in fetched.headers.items()}
        moved = self.hidden(fetched.moved) if fetched.moved else None
        return msgspec.structs.replace(
            fetched, url=self.hidden(fetched.url), content=content, headers=headers, moved=moved
        )

    def hide(self, error: FetchError) -> None:
        """Take the secrets out of what failed: its message, and what was answered in place of a report."""
        error.message = self.hidden(error.message)
        error.args = (error.message,)
        for value, name in self._told.items():
            error.content = error.content.replace(value.encode(), name.encode()) if error.content else error.content

    def _filled(self, name: re.Match[str], write: Callable[[str], str]) -> str:
        if name[1] not in self._names:
            return name[0]
        value = self._environment.get(name[1], "")
        if not value:
            told = f"the address of {self._source.id} names {name[0]}, which the environment does not set"
            raise FetchError("no_secret", told, hint=f"set {name[1]} where tallybook runs, or in .env")
        self._told |= {write(value): name[0], value: name[0]}
        return write(value)
