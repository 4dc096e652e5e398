"""A series is called what people say: the definition's title, else what the source prints, else its key in words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from model import FigureRule, Label, Match, Publisher, SeriesRule, Source, series_ref
from publish.names import SeriesName, SeriesNames, in_words


def source(source_id: str, **keys: Any) -> Source:
    """A source with what every definition has."""
    return Source(
        id=source_id, title="T", publisher=Publisher(name="P"), method="m", basis="counted",
        extractor="prose" if "series" in keys else "csv", tried_live="never", **keys,
    )  # fmt: skip


COUNT = source(
    "count",
    language="uk",
    by={"whom": "Область"},
    figures=(
        FigureRule(id="total", column="c1", title={"en": "confirmed dead", "uk": "підтверджені загиблі"}),
        FigureRule(id="cases", column="Підтверджені випадки"),
        FigureRule(id="cases_7d", column="cases_seven_days"),
        FigureRule(id="a", column="Value", where={"What": "A"}),
        FigureRule(id="b", column="Value", where={"What": "B"}),
        FigureRule(id="tanks", path="$.stats.tanks"),
        FigureRule(id="kyiv", column="Київ"),
    ),
)
PAPER = source("paper", series=(SeriesRule(id="killed_count", match=Match(), counts_as="count/total"),))
REFS = {
    "count/total": "total",
    "count/total/kyiv": series_ref("total", ("Київ",)),
    "count/cases/kyiv": series_ref("cases", ("Київ", "київ")),
    "count/cases_7d": "cases_7d",
    "count/a": "a",
    "count/tanks": "tanks",
    "count/kyiv/kyiv": series_ref("kyiv", ("Київ",)),
    "paper/killed_count": "killed_count",
    "gone/killed_men/north": series_ref("killed_men", ("North",)),
}
NAMES = SeriesNames(REFS, {"count": COUNT, "paper": PAPER}.get)


@pytest.mark.parametrize(
    ("series", "name"),
    [
        ("count/total", SeriesName("confirmed dead")),
        ("count/total/kyiv", SeriesName("confirmed dead · Київ", "uk")),
        ("count/cases/kyiv", SeriesName("Підтверджені випадки · Київ", "uk")),
        ("count/cases_7d", SeriesName("cases 7d")),
        ("count/a", SeriesName("a")),
        ("count/tanks", SeriesName("tanks", "uk")),
        ("count/kyiv/kyiv", SeriesName("Київ", "uk")),
        ("paper/killed_count", SeriesName("confirmed dead")),
        ("gone/killed_men/north", SeriesName("killed men · North")),
    ],
)
def test_a_name_is_the_title_else_what_is_printed_else_the_key_and_no_part_stands_twice(
    series: str, name: SeriesName
) -> None:
    assert NAMES.name(series) == name
    assert NAMES[series] == name.text


def test_a_title_of_another_language_is_taken_where_the_definition_gives_it() -> None:
    assert NAMES.in_language("count/total/kyiv", "uk") == SeriesName("підтверджені загиблі · Київ", "uk")
    assert NAMES.in_language("paper/killed_count", "uk") == SeriesName("підтверджені загиблі", "uk")
    assert NAMES.in_language("count/total", "ru") == SeriesName("confirmed dead")


def test_what_is_no_series_of_the_ledger_has_no_name_but_its_key_in_words() -> None:
    assert NAMES.get("count/never") is None
    assert NAMES.language_of("count/never") is None
    assert NAMES.in_language("count/never_seen", "uk") == SeriesName("never seen")
    assert in_words("killed_men/north-east/North East") == "killed men · north east"


def test_a_count_in_a_label_that_is_no_part_of_its_identity_is_not_told_as_its_name() -> None:
    pattern = "^(.*?)(?: - [0-9]+, of which.*)?$"
    counted = source("oryx", by={"category": "type"}, figures=(FigureRule(id="lost", title="losses", column="c"),))
    counted = msgspec.structs.replace(counted, label=Label(pattern=pattern))
    key, ref = "oryx/lost/tanks", series_ref("lost", ("Tanks - 13640, of which: destroyed: 9785",))
    assert SeriesNames({key: ref}, {"oryx": counted}.get)[key] == "losses · Tanks"
