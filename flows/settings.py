"""Settings from the environment and a `.env` file in the current folder; the environment wins."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from flows.operation.logs import LogForm, log_form
from model import UsageError

WEB_ARCHIVE = "https://web.archive.org"
"""Whose captures `backfill --wayback` takes unless another archive is set."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the ledger lives and how it meets the world."""

    home: Path
    database_url: str
    archive: Path | str
    sources: Path | None = None
    alert_url: str | None = None
    alert_urls: dict[str, str] = {}
    rules: Path | None = None
    web_archive: str = WEB_ARCHIVE
    prefect_api: str = "http://127.0.0.1:4200/api"
    contact: str | None = None
    archive_limit: int | None = None
    attempt_days: int = 90
    fetch_seconds: float = 120.0
    fetch_bytes: int = 64 * 2**20
    hosts_at_once: int = 20
    host_spacing: float = 1.0
    host_connections: int = 1
    fetch_retries: int = 2
    read_seconds: int = 9
    read_memory: int = 2**30
    trusted_proxies: tuple[str, ...] = ()
    page_private: bool = False
    second_person: tuple[str, ...] = ()
    embed_origins: tuple[str, ...] = ()
    ping_url: str | None = None
    log: LogForm | None = None

    @classmethod
    def load(cls) -> Settings:
        """Read `TALLYBOOK_*` from the environment and `.env`; everything has a default under `./var`.

        Raises `UsageError` for an archive limit that is no size, for what should be a number and is none, and for an
        address that may not frame a chart.
        """
        values = environment()

        def of(name: str) -> str | None:
            return values.get(f"TALLYBOOK_{name}") or None

        home = Path(of("HOME") or "var").absolute()
        archive = of("ARCHIVE") or str(home / "archive")
        return cls(
            home=home,
            database_url=of("DATABASE_URL") or f"sqlite:///{home / 'ledger.sqlite'}",
            archive=archive if "://" in archive else Path(archive).absolute(),
            archive_limit=_size(of("ARCHIVE_LIMIT")),
            attempt_days=int(_number("ATTEMPT_DAYS", of("ATTEMPT_DAYS"), 90, least=1)),
            sources=_path(of("SOURCES")),
            alert_url=of("ALERT_URL"),
            alert_urls=_addresses(values),
            rules=_path(of("RULES")),
            web_archive=of("WEB_ARCHIVE") or WEB_ARCHIVE,
            prefect_api=of("PREFECT_API") or "http://127.0.0.1:4200/api",
            contact=of("CONTACT"),
            fetch_seconds=_number("FETCH_SECONDS", of("FETCH_SECONDS"), 120.0, least=1),
            fetch_bytes=int(_number("FETCH_BYTES", of("FETCH_BYTES"), 64 * 2**20, least=1024)),
            hosts_at_once=int(_number("HOSTS_AT_ONCE", of("HOSTS_AT_ONCE"), 20, least=1)),
            host_spacing=_number("HOST_SPACING", of("HOST_SPACING"), 1.0, least=0),
            host_connections=int(_number("HOST_CONNECTIONS", of("HOST_CONNECTIONS"), 1, least=1)),
            read_seconds=int(_number("READ_SECONDS", of("READ_SECONDS"), 9, least=1)),
            read_memory=int(_number("READ_MEMORY", of("READ_MEMORY"), 2**30, least=2**27)),
            trusted_proxies=_words(of("TRUSTED_PROXIES")),
            page_private=(of("PAGE_PRIVATE_ADDRESSES") or "").lower() in ("1", "true", "yes"),
            second_person=_words(of("SECOND_PERSON")),
            embed_origins=_origins(of("EMBED_ORIGINS")),
            ping_url=of("PING_URL"),
            log=log_form(of("LOG")),
            fetch_retries=int(_number("FETCH_RETRIES", of("FETCH_RETRIES"), 2, least=0)),
        )

    def settle_in(self, folder: Path) -> None:
        """Make a folder the current one, for this process and its children, whose settings stay what they are."""
        named = {
            "HOME": self.home,
            "ARCHIVE": self.archive,
            "SOURCES": self.sources,
            "DATABASE_URL": _whole(self.database_url),
        }
        found = environment() | {f"TALLYBOOK_{name}": str(value) for name, value in named.items() if value}
        os.environ.update(found)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chdir(folder)

    @property
    def own_sources(self) -> Path:
        """The folder where definitions of one's own are written."""
        return self.sources or self.home / "sources"

    @property
    def rules_file(self) -> Path:
        """The file of rules for all sources."""
        return self.rules or self.home / "rules.yml"

    def address(self, name: str) -> str | None:
        """Where a person is told, by name; the address for all where none is named. None where it is not set."""
        return self.alert_urls.get(name) if name else self.alert_url

    @property
    def users(self) -> Path:
        """The users and sessions of the review page; they lie beside the ledger, and in no export of it."""
        return self.home / "review.sqlite"

    @property
    def user_agent(self) -> str:
        """How we introduce ourselves to publishers: name, version, and where to reach us if `contact` is set."""
        return f"Tallybook/{own_version()}" + (f" (+{self.contact})" if self.contact else "")


_ADDRESS = "TALLYBOOK_ALERT_URL_"


def _addresses(values: Mapping[str, str]) -> dict[str, str]:
    """The addresses of those who are told by name: `TALLYBOOK_ALERT_URL_ANNA` is that of `anna`."""
    found = {name.removeprefix(_ADDRESS).lower(): url for name, url in values.items() if name.startswith(_ADDRESS)}
    return {name: url for name, url in found.items() if name and url}


def _path(text: str | None) -> Path | None:
    return Path(text).absolute() if text else None


def own_version() -> str:
    """The version of this program; `dev` where it is not installed."""
    # Reading it takes a hundredth of a second, which commands that do not tell it need not wait for.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("tallybook")
    except PackageNotFoundError:
        return "dev"


def _whole(url: str) -> str:
    """A database's address that means the same in every folder."""
    lies = re.fullmatch(r"sqlite:///([^/:?].*)", url)
    return f"sqlite:///{Path(lies[1]).absolute()}" if lies else url


def _number(name: str, text: str | None, default: float, *, least: float) -> float:
    if text is None:
        return default
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not least <= found < 2**53:
        raise UsageError(f"TALLYBOOK_{name} is {text!r}", f"write a number from {least:g} on")
    return found


def environment() -> dict[str, str]:
    """The environment's variables, and those of `.env` that it does not set."""
    return _dotenv() | dict(os.environ)


def _dotenv() -> dict[str, str]:
    if not Path(".env").is_file():
        return {}
    from dotenv import dotenv_values

    return {key: value for key, value in dotenv_values(".env").items() if value is not None}


def _words(value: str | None) -> tuple[str, ...]:
    """Words that commas or spaces part."""
    return tuple((value or "").replace(",", " ").split())


_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?", re.IGNORECASE)


def _origins(text: str | None) -> tuple[str, ...]:
    """The addresses whose pages may frame a chart. Raises `UsageError` for one that a browser would read otherwise."""
    found = _words(text)
    for one in found:
        if not _ORIGIN.fullmatch(one):
            raise UsageError(
                f"TALLYBOOK_EMBED_ORIGINS has {one!r}", "write https://example.org, or https://*.example.org"
            )
    return found


def _size(text: str | None) -> int | None:
    """Bytes from a size as people write it: 500 MB, 20GB, 1.5 TiB, or plain bytes."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?", text.strip().upper())
    if not found or float(found[1]) <= 0:
        raise UsageError(f"TALLYBOOK_ARCHIVE_LIMIT is {text!r}, which is no size", "write 20 GB, or 500 MB")
    number, unit, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** " KMGT".index(unit or " "))
