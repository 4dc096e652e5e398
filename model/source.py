"""A source: who publishes, where, how it counts, and how its reports are read. All of it is data."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec

from model.extractor import EXTRACTORS, Extractor, ExtractorName
from model.figure import Kind
from model.wire import canonical

Coverage = Literal["full", "window", "latest"]
Basis = Literal["counted", "estimated", "claimed"]
Scale = Literal["one", "hundreds", "thousands", "millions", "billions", "letters"]
Period = Literal[
    "week-ending-monday", "week-ending-tuesday", "week-ending-wednesday", "week-ending-thursday",
    "week-ending-friday", "week-ending-saturday", "week-ending-sunday",
    "year-ending-january", "year-ending-february", "year-ending-march", "year-ending-april", "year-ending-may",
    "year-ending-june", "year-ending-july", "year-ending-august", "year-ending-september", "year-ending-october",
    "year-ending-november", "year-ending-december",
]  # fmt: skip
"""What a day or a year that a report names stands for, by its end."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a definition: unknown keys are errors."""


class Publisher(_Part, frozen=True, kw_only=True):
    """Who carries the reports."""

    name: str
    country: str | None = None
    url: str | None = None


class Listing(_Part, frozen=True, kw_only=True):
    """Where releases are found: an index page, feed, sitemap or search answer, or addresses that name their day.

    `links` is a CSS selector, a pattern over addresses (begins with `http`, `/`, `^` or `(`) or a path into JSON
    (begins with `$`); feeds and sitemaps need none. `address` is an address made of a JSON entry's fields (`{slug}`).
    `published` is where the day stands: a field of a JSON entry, else a pattern over the address with one group.
    `titles` is a pattern that a link's words must fit. `post` is the JSON that a search is asked with. Without `links`,
    a `url` with `{date:%Y-%m-%d}` in it is the address of one day's release.
    """

    url: str
    links: str | None = None
    newest: int = 5
    titles: str | None = None
    address: str | None = None
    published: str | None = None
    post: str | None = None


class Schedule(_Part, frozen=True, kw_only=True):
    """When to look: a cron line in an IANA time zone."""

    cron: str
    timezone: str = "UTC"


class AsOf(_Part, frozen=True, kw_only=True):
    """Where a report's as-of stands: a column (csv, table), a path (json), or a selector and pattern.

    `format` is a strptime format or a list of them, ISO where absent; `year: published` takes the year from the
    publication date.
    """

    column: str | None = None
    path: str | None = None
    css: str | None = None
    pattern: str | None = None
    format: str | tuple[str, ...] | None = None
    year: Literal["published"] | None = None

    @property
    def formats(self) -> tuple[str, ...]:
        """The strptime formats that a date may have; none for ISO."""
        return (self.format,) if isinstance(self.format, str) else self.format or ()

    @property
    def spelling(self) -> str:
        """The formats as a person is told of them."""
        return " or ".join(self.formats) or "ISO"


class Field(_Part, frozen=True, kw_only=True):
    """A place inside a row where something beside the value stands."""

    column: str | None = None
    path: str | None = None


class Derived(_Part, frozen=True, kw_only=True):
    """A series that follows from another: verified, stored, its echoes not listed."""

    running_sum_of: str


class Break(_Part, frozen=True, kw_only=True):
    """A day from which a series is counted anew (a new definition, a new year): nothing is compared across it.

    `every` repeats it, from that day on; `series` narrows it to one of the series that the rule makes, by its key
    without the source (`tests/scotland`).
    """

    as_of: str
    why: str
    every: Literal["year", "month"] | None = None
    series: str | None = None


class Label(_Part, frozen=True, kw_only=True):
    """Which part of a row's label tells its series from others: the pattern's groups, else all that it fits.

    For labels that carry what is no identity, such as a running count. A label that it does not fit counts whole.
    """

    pattern: str


class FigureRule(_Part, frozen=True, kw_only=True):
    """One followed figure of a csv, json, table or selectors source; its `id` begins the series key.

    `change` is where a row states the figure's own increment, which is set against the ledger.
    """

    id: str
    column: str | None = None
    path: str | None = None
    css: str | None = None
    pattern: str | None = None
    where: dict[str, str] = {}
    measure: str = "other"
    kind: Kind = "total"
    unit: str = "other"
    scale: Scale | None = None
    whom: str | None = None
    category: str | None = None
    attributed_to: tuple[str, ...] = ()
    qualifier: str | Field | None = None
    change: Field | None = None
    may_fall: bool = False
    expected: bool = False
    breaks: tuple[Break, ...] = ()
    derived: Derived | None = None

    @property
    def counts_whole(self) -> bool:
        """Whether this counts what there are only whole ones of: people, families, items."""
        counted = self.unit in _WHOLE or (self.unit == "other" and self.measure in _OF_PEOPLE)
        return counted and self.kind in ("total", "change")


_WHOLE = frozenset(("people", "families", "items"))
_OF_PEOPLE = frozenset(("killed", "wounded", "casualties", "missing", "captured", "displaced", "deserted", "recruited"))


class Match(_Part, frozen=True, kw_only=True):
    """Which figures of a prose report belong to a series; absent conditions always hold."""

    measure: str | None = None
    kind: Kind | None = None
    unit: str | None = None
    whom: tuple[str, ...] = ()
    category: str | None = None
    claimant: tuple[str, ...] = ()


class SeriesRule(_Part, frozen=True, kw_only=True):
    """One followed series of a prose source; `counts_as` names the series of another source it speaks of."""

    id: str
    match: Match
    counts_as: str | None = None
    may_fall: bool = False
    expected: bool = False
    breaks: tuple[Break, ...] = ()


class Words(_Part, frozen=True, kw_only=True):
    """A reporter's own words for measures and groups, beside those of the language."""

    measures: dict[str, tuple[str, ...]] = {}
    groups: dict[str, tuple[str, ...]] = {}


class TextRule(_Part, frozen=True, kw_only=True):
    """Where a prose report stands in its page: in what `css` chooses, else in the article that is found."""

    css: str | None = None


class Expect(_Part, frozen=True, kw_only=True):
    """Bounds of a sound page: how many figures, and which series it must state."""

    figures: tuple[int, int] | None = None
    series: tuple[str, ...] = ()


class Correction(_Part, frozen=True, kw_only=True):
    """A publisher's mistake mended as data: where `raw` stands at `as_of`, `value` is meant."""

    as_of: str
    raw: str
    value: str
    why: str
    series: str | None = None


class Numbers(_Part, frozen=True, kw_only=True):
    """How a source writes its numbers: the decimal mark, and what parts thousands where only one thing may."""

    decimal: Literal[".", ","] | None = None
    group: str | None = None


class Source(_Part, frozen=True, kw_only=True):
    """A configured public source. `id` is the definition file's stem and never changes.

    `embedded` is a pattern that chooses a piece of JSON inside of a page or script, which is then read alone.

    The contract, as far as a person states it: `numbers`, the `scale` that all are printed in, the texts for `missing`
    values, `charset` and `delimiter` of a file, the `zone` whose calendar an instant is a day of, and the `period`
    that a day or year stands for. What is not stated is inferred, and asked where it cannot be.
    """

    id: str
    title: str
    publisher: Publisher
    method: str
    basis: Basis
    extractor: ExtractorName
    tried_live: str
    caveats: str | None = None
    url: str | None = None
    listing: Listing | None = None
    schedule: Schedule | None = None
    language: str | None = None
    coverage: Coverage = "latest"
    as_of: AsOf | None = None
    by: dict[str, str] = {}
    label: Label | None = None
    rows: str = "$"
    embedded: str | None = None
    numbers: Numbers = Numbers()
    scale: Scale | None = None
    missing: tuple[str, ...] = ()
    charset: str | None = None
    delimiter: str | None = None
    zone: str | None = None
    period: Period | None = None
    figures: tuple[FigureRule, ...] = ()
    series: tuple[SeriesRule, ...] = ()
    words: Words = Words()
    text: TextRule = TextRule()
    expect: Expect = Expect()
    restates: bool = False
    corrections: tuple[Correction, ...] = ()
    allow_private_addresses: bool = False
    ignore_robots: str | None = None

    @property
    def timezone(self) -> str:
        """The zone whose calendar the as-ofs follow; UTC unless the schedule names one."""
        return self.schedule.timezone if self.schedule else "UTC"

    @property
    def calendar(self) -> str | None:
        """The zone in whose calendar an instant is a day: `zone`, else that of the schedule; None where neither is."""
        return self.zone or (self.schedule.timezone if self.schedule else None)

    @property
    def prose(self) -> TextRule | None:
        """Where prose is to be read, where it stands in the page; None for the other extractors."""
        return self.text if "text" in self.reads_with.keys else None

    @property
    def reads_with(self) -> Extractor:
        """The extractor that reads this source's reports."""
        return EXTRACTORS[self.extractor]

    def rule(self, figure_id: str) -> FigureRule | SeriesRule | None:
        """The rule that a series reference begins with."""
        rules: tuple[FigureRule | SeriesRule, ...] = (*self.figures, *self.series)
        return next((rule for rule in rules if rule.id == figure_id), None)

    def reading_options(self) -> dict[str, Any]:
        """What bears on how this source's bytes are read, and nothing else; its digest is part of a reader."""
        names = ("extractor", "language", "as_of", "by", "rows", "figures", "series", "words", "corrections")
        options = {name: msgspec.to_builtins(getattr(self, name)) for name in names}
        # What was added later and is not used leaves the digest of older readers as it was.
        for figure in options["figures"]:
            for name in ("change", "scale"):
                if figure[name] is None:
                    del figure[name]
        if self.prose:
            options["text"] = msgspec.to_builtins(self.text)
        for rule in (*options["figures"], *options["series"]):
            for name in _JUDGED_BY:
                rule.pop(name, None)
        options |= {"calendar": self.calendar} if self.calendar not in (None, "UTC") else {}
        written = {name: msgspec.to_builtins(getattr(self, name)) for name in _WRITTEN}
        return options | {name: value for name, value in written.items() if value and value != _AS_INFERRED}


_WRITTEN = ("embedded", "numbers", "scale", "missing", "charset", "delimiter", "zone", "period")
_AS_INFERRED = msgspec.to_builtins(Numbers())


_JUDGED_BY = ("may_fall", "expected", "breaks", "derived", "counts_as")
"""What a rule says of judging a figure that was read already."""


class Reader(msgspec.Struct, frozen=True):
    """Who read the bytes: the extractor, its version (raised by hand), and a digest of reading options and words."""

    extractor: str
    version: int
    options: str

    @classmethod
    def of(cls, source: Source, version: int, lists: str = "") -> Reader:
        """The reader of a source with its extractor at `version`; `lists` digests the word lists that it goes by."""
        options = source.reading_options() | {"lists": lists}
        return cls(source.extractor, version, hashlib.sha256(canonical(options)).hexdigest()[:16])
