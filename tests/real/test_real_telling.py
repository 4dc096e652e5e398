"""The law of telling over every real series: what is told of each update and fold comes from its changes alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.desk import Desk
from flows.past.backfill import Wishes, backfill_source
from flows.settings import Settings
from publish.names import SeriesNames
from publish.telling import runs, story
from storage import Views, Wanted
from tests.publish.law import breaks, fold_breaks
from tests.real.corpus import DEFINITIONS, SERIES, manifest, need

AT_ONCE, LISTED = 20, 50
"""So many updates, with so many changes each, the pages tell at once."""


def unlawful(views: Views, names: SeriesNames, source: str) -> tuple[int, list[str]]:
    """How many folds a source's log has as the pages read it, and every breach of the law in what they tell."""
    found: list[str] = []
    before, folds = None, 0
    while shown := views.page(Wanted(source=source), before=before, limit=AT_ONCE, changes=LISTED):
        before = shown[-1].place
        stories = [story(one.update, names) for one in shown]
        whole = {one.update.update: views.update(one.update.update) for one in stories}
        for one in stories:
            found += breaks(one, whole[one.update.update], names)
        for run in runs(stories):
            if run.folded:
                folds += 1
                found += fold_breaks(run.members, [whole[one.update.update] for one in run.members], names)
    return folds, found


@pytest.mark.parametrize("name", [pytest.param(one, marks=pytest.mark.long) for one in SERIES])
def test_no_telling_of_a_real_series_breaks_the_law(name: str, tmp_path: Path) -> None:
    need(name)
    database, archive = f"sqlite:///{tmp_path / 'ledger.sqlite'}", tmp_path / "archive"
    with Desk(Settings(home=tmp_path, database_url=database, archive=archive, sources=DEFINITIONS)) as desk:
        backfill_source(desk, desk.catalogue[name], manifest(name, tmp_path), wishes=Wishes(hold=True))
        views = desk.ledger.views
        folds, found = unlawful(views, SeriesNames(views.refs(), desk.catalogue.get), name)
    assert found == []
    assert folds or name in ("nics", "mediazona_by_death_date")
