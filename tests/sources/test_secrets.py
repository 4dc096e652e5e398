"""What must not be known stays unknown: secrets of addresses, and hosts of a private network that nobody named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.desk import Desk
from flows.drafts.drafting import look
from flows.drafts.trying import try_live
from flows.pipeline import refresh_source
from flows.settings import Settings
from model import FetchError, public_text
from sources.web.secrets import Secrets
from tests.flows.defining import CSV, define
from tests.sources.publisher import Publisher

SECRET = "s3cret/with&odd=signs"
QUOTED = "s3cret%2Fwith%26odd%3Dsigns"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home",
        database_url=f"sqlite:///{tmp_path / 'home' / 'ledger.sqlite'}",
        archive=tmp_path / "home" / "archive",
        sources=tmp_path / "defs",
        fetch_retries=0,
        host_spacing=0,
    )


def kept(settings: Settings) -> bytes:
    """Every byte below a home."""
    return b"".join(path.read_bytes() for path in settings.home.rglob("*") if path.is_file())


@pytest.mark.parametrize("status", [200, 500, 403])
def test_a_secret_is_told_to_its_host_and_stored_nowhere(
    settings: Settings, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("MINISTRY_KEY", SECRET)
    define(settings.sources or Path(), "counts", publisher.url("/v/${MINISTRY_KEY}/t.csv?appid=${MINISTRY_KEY}"))
    body = b"date,dead\n2025-07-31,10\n" if status == 200 else f"bad key {SECRET}".encode()
    publisher.page(f"/v/{QUOTED}/t.csv?appid={QUOTED}", body, status=status, headers=CSV)
    with Desk.open(settings) as desk:
        outcome = refresh_source(desk, desk.catalogue["counts"])
        last = desk.ledger.last_attempt(desk.catalogue["counts"])
    assert outcome.state == {200: "changed", 500: "failed", 403: "blocked"}[status]
    assert last is not None
    assert (last.status, "${MINISTRY_KEY}" in (last.url or "")) == (status, True)
    stored = kept(settings) + outcome.message.encode()
    assert SECRET.encode() not in stored
    assert QUOTED.encode() not in stored


def test_a_secret_that_is_not_set_is_an_error_that_names_it(settings: Settings, publisher: Publisher) -> None:
    define(settings.sources or Path(), "counts", publisher.url("/t.csv?key=${TALLYBOOK_TEST_NOT_SET}"))
    with Desk.open(settings) as desk:
        outcome = refresh_source(desk, desk.catalogue["counts"])
    assert outcome.state == "failed"
    assert "${TALLYBOOK_TEST_NOT_SET}, which the environment does not set" in outcome.message
    assert not publisher.requests


def test_no_page_learns_a_secret_by_linking_its_name(settings: Settings, publisher: Publisher) -> None:
    define(settings.sources or Path(), "counts", publisher.url("/t.csv?key=${MINISTRY_KEY}"))
    with Desk.open(settings) as desk:
        secrets = Secrets(desk.catalogue["counts"], {"MINISTRY_KEY": SECRET, "HOME": "/root"})
    for linked in ("http://evil.example/?x=${MINISTRY_KEY}", publisher.url("/?x=${HOME}")):
        assert secrets.address(linked) == linked
    assert secrets.address(publisher.url("/t.csv?key=${MINISTRY_KEY}")).endswith(QUOTED)


def test_what_a_private_host_redirects_to_is_not_asked_unless_the_definition_names_it(
    settings: Settings, publisher: Publisher
) -> None:
    define(settings.sources or Path(), "counts", publisher.url("/t.csv"))
    publisher.redirect("/t.csv", "http://127.0.0.2:9/inside")
    with Desk.open(settings) as desk:
        source = desk.catalogue["counts"]
        assert "127.0.0.2 is a loopback address" in refresh_source(desk, source).message
        with pytest.raises(FetchError, match="loopback"):
            try_live(desk, source)
        with pytest.raises(FetchError, match="loopback"):
            look(desk, publisher.url("/t.csv"))


def test_keys_are_hidden_wherever_they_stand_in_a_text() -> None:
    text = 'see https://ann:pw@h.org/x?apikey=K1&day=2 and {"access_token": "T2", "day": "3"}'
    assert public_text(text) == 'see https://h.org/x?apikey=***&day=2 and {"access_token": "***", "day": "3"}'
