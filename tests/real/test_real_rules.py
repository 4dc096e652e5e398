"""Over real series, read one version after another, 500 random rules tell live what their rehearsal tells."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from flows.desk import Desk
from flows.pipeline import take
from flows.rules import running
from flows.rules.named import NamedRule
from flows.rules.running import enrol, watch
from model import Fetched, Instant, Source, TallybookError
from tests.flows.test_rules import random_rule, told_in_rehearsal, told_live
from tests.pipeline.desks import settings
from tests.real.corpus import Copy, copies, media_type, need, source

RULES = 500
SERIES = ("mediazona_headline", "mediazona_by_death_date", "nics", "scotland_govscot", "wyoming", "shasta")
MEASURES = ("killed", "confirmed", "tested", "other")


def publish(desk: Desk, of: Source, copy: Copy) -> None:
    fetched = Fetched(
        url=of.url or "https://example.org/", status=200, at=Instant(copy.fetched_at), content=copy.content,
        media_type=media_type(copy),
    )  # fmt: skip
    try:
        take(desk, of, fetched)
    except TallybookError:
        return  # a broken version: what it is worth is told elsewhere


@pytest.mark.long
@pytest.mark.parametrize("name", SERIES)
def test_rules_tell_live_what_they_tell_in_rehearsal(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(name)
    dice = random.Random(name)
    rules = [NamedRule(f"r{at}", random_rule(dice, at, MEASURES)) for at in range(-(-RULES // len(SERIES)))]
    monkeypatch.setattr(running, "rules_for", lambda *_: rules)
    of, now = source(name), [Instant("2020-01-01T00:00:00Z")]
    (tmp_path / "sources").mkdir()
    with Desk(settings(tmp_path), lambda: now[0]) as desk:
        for number, copy in enumerate(copies(name)):
            now[0] = Instant(copy.fetched_at)
            known = enrol(desk, of)
            publish(desk, of, copy)
            watch(desk, of, known=known or number > 0)
        live = told_live(desk, of)
        assert live == told_in_rehearsal(desk, rules, of)
        assert len(live) == len(set(live)) > 0
        print(f"{name}: {len(rules)} rules told {len(live)} times")
