"""A source: who publishes, where, how it counts, and how its reports are read. All of it is data.

Below each field stands what it means and an example that works; docs/reference/definition.md and the JSON Schema of
editors are made from them (`make reference`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Literal, NamedTuple

import msgspec

from model.extractor import EXTRACTORS, Extractor, ExtractorName
from model.figure import Kind
from model.rules import AlertRule
from model.times import LongerThanDay
from model.wire import canonical

Coverage = Literal["full", "window", "latest", "list"]
Basis = Literal["counted", "estimated", "claimed"]
Scale = Literal[
    "one", "hundreds", "thousands", "ten-thousands", "hundred-thousands",
    "millions", "ten-millions", "hundred-millions", "billions", "letters",
]  # fmt: skip
Period = Literal[
    "week-ending-monday", "week-ending-tuesday", "week-ending-wednesday", "week-ending-thursday",
    "week-ending-friday", "week-ending-saturday", "week-ending-sunday",
    "year-ending-january", "year-ending-february", "year-ending-march", "year-ending-april", "year-ending-may",
    "year-ending-june", "year-ending-july", "year-ending-august", "year-ending-september", "year-ending-october",
    "year-ending-november", "year-ending-december",
]  # fmt: skip
"""What a day or a year that a report names stands for, by its end."""


PresetName = Literal["arcgis", "ckan", "json-stat", "pxweb", "sdmx-csv", "sdmx-json", "socrata"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a definition: unknown keys are errors."""


class Publisher(_Part, frozen=True, kw_only=True):
    """Who carries the reports."""

    name: str
    """The publisher's name, as readers know it. Example: `Mediazona`"""
    country: str | None = None
    """Its country, in English. Example: `Ukraine`"""
    url: str | None = None
    """Its own address, where that is not the report's. Example: `https://zona.media`"""


class Listing(_Part, frozen=True, kw_only=True):
    """Where releases are found: an index page, feed, sitemap or search answer, or addresses that name their day."""

    url: str
    """The page, feed, sitemap or answer that lists releases; with a date in it, the address of one day's release.

    Example: `https://example.org/news/{date:%Y-%m-%d}`
    """
    links: str | None = None
    """Which links are releases: a CSS selector, a pattern over addresses (begins with `http`, `/`, `^` or `(`) or a
    path into JSON (begins with `$`); feeds, sitemaps and dated addresses need none.

    Example: `article h2 a`
    """
    newest: int = 5
    """How many of the newest releases are read at one refresh, 500 at most. Example: `10`"""
    again: int = 100
    """How many of the newest releases that were read are looked at again, since reports are edited silently: 1, 2, 4 …
    days after, 20 at one refresh (50 of 1000); 1000 at most, `0` for none. Example: `30`
    """
    again_days: int = 32
    """The most days between two looks at one release, 1 to 366. Example: `64`"""
    titles: str | None = None
    """A pattern that a link's words (in a feed also its summary) must fit before anything is fetched.

    Example: `(?i)losses|casualties`
    """
    address: str | None = None
    """A release's address made of the fields of a JSON entry. Example: `https://example.org/en/{slug}`"""
    published: str | None = None
    r"""Where the day of publication stands: a field of a JSON entry, else a pattern over the address with one group.

    Example: `/(\d{4}/\d{2}/\d{2})/`
    """
    post: str | None = None
    """The JSON that a search is asked with; it is then sent by POST. Example: `'{"query": "losses", "size": 20}'`"""


class Paging(_Part, frozen=True, kw_only=True):
    """How an answer that comes in pages goes on; all pages of one look are one release (json, csv).

    One of `next`, `offset` and `page` is given. By `offset` and `page` it ends with a page that has no rows, where
    `total` or `more` do not say it before. How many rows a page has is the address's own affair.
    """

    next: str | None = None
    """Where a page names the address of the next one: a path into JSON, or `header` for the `Link` header.

    Example: `$.links.next`
    """
    offset: str | None = None
    """The parameter of the address that says how many rows to pass over. Example: `offset`"""
    page: str | None = None
    """The parameter of the address that numbers the pages. Example: `page`"""
    first: int = 1
    """The number of the first page (`page`). Example: `0`"""
    total: str | None = None
    """The path to how many rows there are in all; as many must have come at the end. Example: `$.count`"""
    more: str | None = None
    """The path to what says that there are more rows; absent, null, false or 0 on the last page.

    Example: `$.has_more`
    """
    most_pages: int = 100
    """So many pages one look may ask for, 1000 at most; where there are more, it fails. Example: `400`"""
    most_bytes: int = 64 * 2**20
    """So many bytes the pages of one look may have together, 268435456 at most. Example: `10000000`"""


class Schedule(_Part, frozen=True, kw_only=True):
    """When to look: a cron line in an IANA time zone."""

    cron: str
    """When to look, as five fields: minute, hour, day, month, weekday. Example: `"0 6 * * *"`"""
    timezone: str = "UTC"
    """The IANA time zone of the cron line, in whose calendar as-ofs are days too. Example: `Europe/Kyiv`"""


class AsOf(_Part, frozen=True, kw_only=True):
    """Where a report's as-of stands: a column (csv, table), a path (json), or a selector and pattern."""

    column: str | None = None
    """The column (csv, table, json rows) with the day; `"@key"` where the headings of the columns are the days.

    Example: `month`
    """
    path: str | None = None
    """The path to the day in JSON. Example: `$.data.date`"""
    css: str | None = None
    """The element of a page in which the day stands (selectors, table). Example: `header time`"""
    pattern: str | None = None
    """A pattern whose group `as_of`, or else its whole, is the day: on a page (selectors, table), or inside of the
    field that `path` names (json).

    Example: `as of (?P<as_of>[0-9]+ [A-Z][a-z]+ [0-9]{4})`
    """
    format: str | tuple[str, ...] | None = None
    """How the day is written, as strptime has it; ISO (`2026-01-02`, `2026-01`, `2026`) where absent; a
    list where it is written in several ways.

    Example: `"%d.%m.%Y"`
    """
    grain: Literal["minute"] | None = None
    """`minute` where the source tells the time of day, too, and what it states within a day are observations of their
    own (an election night, a fire); a time without a zone is one of the schedule's zone, else of UTC.

    Example: `minute`
    """
    year: Literal["published"] | None = None
    """`published` takes the year from the day of publication, where the page leaves it out. Example: `published`"""

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
    """The column of the same row (csv, table, json rows). Example: `Hedge`"""
    path: str | None = None
    """The path inside of the same JSON entry. Example: `$.increase.personnel`"""


class Derived(_Part, frozen=True, kw_only=True):
    """A series that follows from another: verified, stored, its echoes not listed."""

    running_sum_of: str
    """The id of the figure in this file whose sum this one is; it is verified and stored, its echoes are not listed.

    Example: `daily_deaths`
    """


class Break(_Part, frozen=True, kw_only=True):
    """A day from which a series is counted anew (a new definition, a new year): nothing is compared across it."""

    as_of: str
    """The first day that is counted anew. Example: `2026-01-01`"""
    why: str
    """What changed, in a sentence that readers are shown. Example: `Probable cases are counted from here on.`"""
    every: Literal["year", "month"] | None = None
    """Repeats the break each year or month from that day on. Example: `year`"""
    series: str | None = None
    """One of the series that the rule makes, by its key without the source; all of them where absent.

    Example: `tests/scotland`
    """


class Label(_Part, frozen=True, kw_only=True):
    """Which part of a row's label tells its series from others: the pattern's groups, else all that it fits.

    For labels that carry what is no identity, such as a running count. A label that it does not fit counts whole.
    """

    pattern: str
    """What of a label is its identity; without groups, all that it fits. Example: `^(District [0-9]+)`"""


class Aggregate(_Part, frozen=True, kw_only=True):
    """Counts up the rows of another figure of the file, in each release and for each as-of; one of the three is given.

    What cannot be counted up whole is not: a row that could not be read, two values for one row, one page of many.
    """

    count_of: str | None = None
    """The id of the figure whose rows are counted, each once. Example: `outage`"""
    sum_of: str | None = None
    """The id of the figure whose values are added up. Example: `customers`"""
    max_of: str | None = None
    """The id of the figure whose largest value is taken. Example: `magnitude`"""
    by: tuple[str, ...] = ()
    """The dimensions of the source (`by`) that stay apart; all rows are counted up together where absent.

    Example: `[county]`
    """
    each: LongerThanDay | None = None
    """Counts up by a longer time than the rows' own as-of: a week from Monday to Sunday, a month or a year, once it is
    over.

    Example: `week`
    """

    @property
    def ways(self) -> list[str]:
        """Which of the three are given."""
        return [name for name in ("count_of", "sum_of", "max_of") if getattr(self, name) is not None]

    @property
    def of(self) -> str:
        """The id of the figure that is counted up."""
        return self.count_of or self.sum_of or self.max_of or ""


class FigureRule(_Part, frozen=True, kw_only=True):
    """One followed figure of a csv, json, table or selectors source; its `id` begins the series key."""

    id: str
    """What the series key begins with; it never changes. Example: `permit`"""
    title: str | dict[str, str] | None = None
    """What readers call it, as it stands within a sentence, or the same in several languages; what the source prints
    itself, else the id in words, where absent.

    Example: `{en: confirmed dead, uk: підтверджені загиблі}`
    """
    column: str | None = None
    """The column with the value (csv, table, json rows); `"@value"` where the headings of the columns are the days.

    Example: `permit`
    """
    path: str | None = None
    """The path to the value in JSON, from the row. Example: `$.stats.tanks`"""
    css: str | None = None
    """The element with the value (selectors); the whole text where only a pattern is given. Example: `main li`"""
    pattern: str | None = None
    """A pattern with the group `value`, and where they are stated `change`, `as_of`, `low`, `high`, `qualifier`
    (selectors).

    Example: `(?P<value>[0-9,]+) people died`
    """
    where: dict[str, str] = {}
    """What other columns of the row must say, for tables with one value a row. Example: `{Indicator: Tests}`"""
    measure: str = "other"
    """What is counted: `killed`, `wounded`, `casualties`, `missing`, `captured`, `displaced`, `destroyed`, `other`, or
    a word of your own.

    Example: `killed`
    """
    kind: Kind = "total"
    """`total` stands or accumulates, `change` is a number for its own period, `share` is a part of a hundred, `ratio`
    any other.

    Example: `total`
    """
    unit: str = "other"
    """What one is: `people`, `families`, `items`, `percent`, `ratio`, `other`, or a word of your own.

    Example: `people`
    """
    scale: Scale | None = None
    """What the numbers of this figure are printed in, where that is not ones. Example: `thousands`"""
    whom: str | None = None
    """Of whom or what, in English. Example: `Russian soldiers`"""
    category: str | None = None
    """A subgroup of `whom`. Example: `volunteers`"""
    attributed_to: tuple[str, ...] = ()
    """Who counts or says it, where that is not the publisher. Example: `[Mediazona, BBC]`"""
    qualifier: str | Field | None = None
    """The hedge of every value, or the place beside it where the hedge stands. Example: `{column: Hedge}`"""
    change: Field | None = None
    """Where the row states the figure's own increment, which is set against the ledger (csv, table, json).

    Example: `{column: Since last week}`
    """
    may_fall: bool = False
    """A total that may go down without being held, such as patients in hospital. Example: `true`"""
    expected: bool = False
    """Every release must state it; one that does not is a failed check. Example: `true`"""
    breaks: tuple[Break, ...] = ()
    """Days from which it is counted anew; nothing is compared across one.

    Example: `[{as_of: 2026-01-01, why: A new year.}]`
    """
    counts_as: str | None = None
    """The series of another source that this one speaks of too (an edition in another language, a copy), with which it
    is compared; where a table makes a series for each label, the labels follow.

    Example: `mediazona/killed`
    """
    derived: Derived | None = None
    """Says that the figure follows from another. Example: `{running_sum_of: daily_deaths}`"""
    aggregate: Aggregate | None = None
    """Counts up the rows of another figure, in place of a column or path of its own.

    Example: `{sum_of: customers, by: [county]}`
    """

    @property
    def goes_either_way(self) -> bool:
        """Whether it goes up and down as a matter of course: no total, or one of things that come and go."""
        return self.kind != "total" or (self.aggregate is not None and self.aggregate.each is None)

    @property
    def counts_whole(self) -> bool:
        """Whether this counts what there are only whole ones of: people, families, items."""
        counted = self.unit in _WHOLE or (self.unit == "other" and self.measure in _OF_PEOPLE)
        return counted and self.kind in ("total", "change")

    @property
    def may_count_whole(self) -> bool:
        """The same, or that it does not say what it counts: then a scale in words is asked about, too."""
        return self.counts_whole or (self.unit == "other" and self.kind in ("total", "change"))


_WHOLE = frozenset(("people", "families", "items"))
_OF_PEOPLE = frozenset(("killed", "wounded", "casualties", "missing", "captured", "displaced", "deserted", "recruited"))


class Match(_Part, frozen=True, kw_only=True):
    """Which figures of a prose report belong to a series; absent conditions always hold."""

    measure: str | None = None
    """The figure's measure. Example: `killed`"""
    kind: Kind | None = None
    """The figure's kind. Example: `total`"""
    unit: str | None = None
    """The figure's unit. Example: `people`"""
    whom: tuple[str, ...] = ()
    """Words of which one must stand in of whom the figure is. Example: `[Russian, military]`"""
    category: str | None = None
    """The subgroup; a figure of a subgroup matches no rule that names none. Example: `volunteers`"""
    claimant: tuple[str, ...] = ()
    """Names, with their spellings, of which one must be who says it. Example: `[Mediazona, BBC]`"""


class SeriesRule(_Part, frozen=True, kw_only=True):
    """One followed series of a prose source; `counts_as` names the series of another source it speaks of."""

    id: str
    """The series key after the source; it never changes. Example: `killed`"""
    match: Match
    """Which figures of the text belong to it; conditions that are absent always hold.

    Example: `{measure: killed, kind: total}`
    """
    title: str | dict[str, str] | None = None
    """What readers call it, as it stands within a sentence, or the same in several languages; the title of what it
    `counts_as`, else the id in words, where absent.

    Example: `deaths confirmed by name`
    """
    counts_as: str | None = None
    """The series of another source that the claim speaks of, and is compared with. Example: `mediazona/killed`"""
    may_fall: bool = False
    """A total that may go down without being held. Example: `true`"""
    expected: bool = False
    """Every release must state it; one that does not is a failed check. Example: `true`"""
    breaks: tuple[Break, ...] = ()
    """Days from which it is counted anew; nothing is compared across one.

    Example: `[{as_of: 2026-01-01, why: A new year.}]`
    """

    @property
    def goes_either_way(self) -> bool:
        """Whether it goes up and down as a matter of course: no total."""
        return self.match.kind not in (None, "total")


class Words(_Part, frozen=True, kw_only=True):
    """A reporter's own words for measures and groups, beside those of the language."""

    measures: dict[str, tuple[str, ...]] = {}
    """A measure, and the words that state it, beside those of the language.

    Example: `{destroyed: [knocked out, written off]}`
    """
    groups: dict[str, tuple[str, ...]] = {}
    """A group, and the words that name it, beside those of the language. Example: `{Russian soldiers: [occupiers]}`"""


class TextRule(_Part, frozen=True, kw_only=True):
    """Where a prose report stands in its page: in what `css` chooses, else in the article that is found."""

    css: str | None = None
    """The element of a page with the text to read; the article that is found where absent. Example: `div.report`"""


class Expect(_Part, frozen=True, kw_only=True):
    """Bounds of a sound page: how many figures, and which series it must state."""

    figures: tuple[int, int] | None = None
    """The fewest and the most figures of a sound release. Example: `[3, 40]`"""
    series: tuple[str, ...] = ()
    """Ids, or keys without the source, that a sound release states. Example: `[killed, wounded]`"""


class Correction(_Part, frozen=True, kw_only=True):
    """A publisher's mistake mended as data: where `raw` stands at `as_of`, `value` is meant."""

    as_of: str
    """The as-of that the mistake stands at. Example: `2025-08-03`"""
    raw: str
    """The number as it is printed. Example: `"111,138"`"""
    value: str
    """The number that is meant, plain. Example: `"11138"`"""
    why: str
    """How you know, in a sentence that readers are shown.

    Example: `A digit too many; the publisher corrected it a day later.`
    """
    series: str | None = None
    """The key of the series; all of the source where absent. Example: `tanks`"""


class Numbers(_Part, frozen=True, kw_only=True):
    """How a source writes its numbers: the decimal mark, and what parts thousands where only one thing may."""

    decimal: Literal[".", ","] | None = None
    """The decimal mark. Example: `","`"""
    group: str | None = None
    """What parts thousands. Example: `"."`"""


class Portion(NamedTuple):
    """Which part of a release is read: a file of a ZIP, a sheet of a workbook, JSON inside of a page or script.

    The first two are names, or patterns such as `*.csv`.
    """

    member: str | None = None
    sheet: str | None = None
    embedded: str | None = None


WHOLE = Portion()


class Source(_Part, frozen=True, kw_only=True, dict=True):
    """A configured public source. `id` is the definition file's stem and never changes.

    What is not stated of how it writes is inferred at the first reading, and asked where it cannot be.
    """

    id: str
    """The file's stem; it is no key of the file. Example: `mediazona`"""
    title: str
    """What the source is called, where people choose among many.

    Example: `Russian military deaths confirmed by name`
    """
    publisher: Publisher
    """Who carries the reports. Example: `{name: Mediazona, country: Russia}`"""
    method: str
    """How they count, in a sentence. Example: `Journalists confirm each death by name from open sources.`"""
    basis: Basis
    """Shown beside every number: `counted` one by one, `estimated`, or `claimed` without a way to check.

    Example: `counted`
    """
    extractor: ExtractorName
    """What reads the reports: see the table of extractors below. Example: `csv`"""
    tried_live: str
    """The day on which a person saw the live address read, or `never`; never is off until `sources try ID --enable`.

    Example: `never`
    """
    caveats: str | None = None
    """What a reader must know before using the numbers. Example: `A lower bound that lags the war.`"""
    url: str | None = None
    """One address that is republished; give this or `listing`. A secret in an address is written `${NAME}` and taken
    from the environment, or `.env`, when the address is asked; it is shown and stored nowhere.

    Example: `https://example.org/data.csv?key=${MINISTRY_KEY}`
    """
    listing: Listing | None = None
    """Where each release has an address of its own: how they are found.

    Example: `{url: https://example.org/news, links: "article h2 a"}`
    """
    paging: Paging | None = None
    """How an answer that comes in pages goes on; without it the first page alone is read, and doubted.

    Example: `{next: $.links.next}`
    """
    fetch: Literal["plain", "browser"] = "plain"
    """`browser` draws a page that its own scripts fill, and keeps a picture of it beside what is read; it needs
    Chromium and the extra `tallybook[browser]`.

    Example: `browser`
    """
    wait_for: str | None = None
    """When a page is drawn (`fetch: browser`): once it shows an element, by its CSS selector, or a text (`text=…`);
    once it asks for nothing more where absent.

    Example: `"table.cases tbody tr"`
    """
    schedule: Schedule | None = None
    """When to look; without it, only when asked. Example: `{cron: "0 6 * * *", timezone: Europe/Kyiv}`"""
    language: str | None = None
    """The language of a text, as a two-letter code; found out where absent (prose). Example: `uk`"""
    coverage: Coverage = "latest"
    """What one release states: `full`, the whole table or history, so that what is gone is withdrawn; `window`, a part
    of it; `latest`, the newest numbers; `list`, what goes on now (outages, fires, notices), so that what is gone has
    ended and an empty list is one.

    Example: `full`
    """
    as_of: AsOf | None = None
    """Where the day stands for which a figure holds; the day of publication, else of the fetch, where absent.

    Example: `{column: month, format: "%Y-%m"}`
    """
    by: dict[str, str] = {}
    """Dimensions that join the series key, each with its column. Example: `{whom: state}`"""
    label: Label | None = None
    """Which part of a row's label says which series it is. Example: `{pattern: "^(District [0-9]+)"}`"""
    preset: PresetName | None = None
    """The family of servers or the form that the answer is of, whose rows, pages and days are known; keys that the
    file states itself win.

    Example: `arcgis`
    """
    rows: str = "$"
    """Where the rows are: a path into JSON, or a CSS selector of the table. Example: `$.data.records`"""
    member: str | None = None
    """The file of a ZIP, by its name or a pattern that fits one alone. Example: `"*.csv"`"""
    sheet: str | None = None
    """The sheet of a workbook, by its name or a pattern that fits one alone. Example: `"Week *"`"""
    page: str | None = None
    """Which table of a PDF is read: the number of the page it begins on, or a line above it. Example: `"Table 4*"`"""
    embedded: str | None = None
    r"""A pattern that chooses a piece of JSON inside of a page or script, which is then read alone.

    Example: `JSON\.parse\('(.*current_total.*?)'\)`
    """
    numbers: Numbers = Numbers()
    """How the numbers are written, where they do not say it themselves. Example: `{decimal: ",", group: "."}`"""
    scale: Scale | None = None
    """What all numbers of the source are printed in, where that is not ones. Example: `millions`"""
    missing: tuple[str, ...] = ()
    """What stands in a cell in place of a number that there is none of. Example: `[n/a, "-", suppressed]`"""
    charset: str | None = None
    """The charset of a file that does not say its own, or the wrong one. Example: `windows-1251`"""
    delimiter: str | None = None
    """What parts the cells of a line (csv). Example: `";"`"""
    zone: str | None = None
    """The IANA zone in whose calendar an instant is a day; that of the schedule where absent. Example: `Asia/Tokyo`"""
    period: Period | None = None
    """What a day or a year that a report names stands for, by its end. Example: `week-ending-sunday`"""
    figures: tuple[FigureRule, ...] = ()
    """What is followed in csv, json, table and selectors, a rule each.

    Example: `[{id: permit, column: permit, unit: items}]`
    """
    series: tuple[SeriesRule, ...] = ()
    """What is followed in prose, a rule each. Example: `[{id: killed, match: {measure: killed, kind: total}}]`"""
    words: Words = Words()
    """The reporter's own words, beside those of the language (prose).

    Example: `{measures: {destroyed: [knocked out]}}`
    """
    text: TextRule = TextRule()
    """Where in a page the text stands (prose). Example: `{css: "div.report"}`"""
    expect: Expect = Expect()
    """Bounds of a sound release; one outside of them is held or failed.

    Example: `{figures: [3, 40], series: [killed]}`
    """
    paused: str | None = None
    """Why its schedule rests; it is read when somebody asks. Take the line away, and it goes on.

    Example: `The publisher moves house until March.`
    """
    tags: tuple[str, ...] = ()
    """What people sort it by, such as a subject or a desk; the review page parts what is new by it.

    Example: `[war, Ukraine]`
    """
    rules: tuple[AlertRule, ...] = ()
    """Of what somebody is told, beside the rules for all sources; see docs/rules.md.

    Example: `[{id: leap, when: rises, by: "10%", series: killed}]`
    """
    restates: bool = False
    """Rewriting the past is this source's habit: a rewritten table is not held for it. Example: `true`"""
    corrections: tuple[Correction, ...] = ()
    """The publisher's mistakes, mended as data.

    Example: `[{as_of: 2025-08-03, raw: "111,138", value: "11138", why: A digit too many.}]`
    """
    allow_private_addresses: bool = False
    """Lets it fetch from this machine and private hosts (tests, intranets), where its own addresses name them; no
    redirect or link leads to others.

    Example: `true`
    """
    private: bool = False
    """Its figures are the desk's own: no static site has them, and no answer of `tallybook mcp`. The review page shows
    them to whoever reaches it.

    Example: `true`
    """
    ignore_robots: str | None = None
    """Why the source may be read though its host's robots.txt refuses; without a reason it is not.

    Example: `The publisher allowed it in a letter of 2 January 2026.`
    """

    @property
    def is_on(self) -> bool:
        """Whether it is read when all sources are: it was tried live, and is not paused."""
        return self.tried_live != "never" and self.paused is None

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
    def piece(self) -> Portion:
        """Which part of its releases is read."""
        return Portion(self.member, self.sheet, self.embedded)

    @property
    def reads_with(self) -> Extractor:
        """The extractor that reads this source's reports."""
        return EXTRACTORS[self.extractor]

    def rule(self, figure_id: str) -> FigureRule | SeriesRule | None:
        """The rule that a series reference begins with."""
        return self._rules.get(figure_id)

    def counted_as(self, series: str) -> str | None:
        """The series of another source that a series of this one, by its key, speaks of; None where it says none."""
        figure_id, slash, labels = series.removeprefix(f"{self.id}/").partition("/")
        rule = self._rules.get(figure_id)
        return f"{rule.counts_as}{slash}{labels}" if rule is not None and rule.counts_as else None

    def carriers_of(self, series: str) -> list[str]:
        """The keys under which this source's series speak of another's, where it follows them."""
        return [
            f"{self.id}/{rule.id}{series.removeprefix(rule.counts_as)}"
            for rule in self._rules.values()
            if rule.counts_as and (series == rule.counts_as or series.startswith(f"{rule.counts_as}/"))
        ]

    @property
    def carries(self) -> bool:
        """Whether any of its series speaks of another source's."""
        return any(rule.counts_as for rule in self._rules.values())

    @cached_property
    def _rules(self) -> dict[str, FigureRule | SeriesRule]:
        rules: tuple[FigureRule | SeriesRule, ...] = (*self.figures, *self.series)
        return {rule.id: rule for rule in reversed(rules)}

    def as_printed(self) -> Source:
        """The source with those figures alone that a release itself states, none that is counted up from its rows."""
        if all(rule.aggregate is None for rule in self.figures):
            return self
        return msgspec.structs.replace(self, figures=tuple(rule for rule in self.figures if rule.aggregate is None))

    def reading_options(self) -> dict[str, Any]:
        """What bears on how this source's bytes are read, and nothing else; its digest is part of a reader."""
        names = ("extractor", "language", "as_of", "by", "rows", "figures", "series", "words", "corrections")
        options = {name: msgspec.to_builtins(getattr(self, name)) for name in names}
        # What was added later and is not used leaves the digest of older readers as it was.
        _leave_out(options["as_of"] or {}, ("grain",))
        for figure in options["figures"]:
            _leave_out(figure, ("change", "scale", "aggregate"))
        if self.prose:
            options["text"] = msgspec.to_builtins(self.text)
        for rule in (*options["figures"], *options["series"]):
            for name in _JUDGED_BY:
                rule.pop(name, None)
        options |= {"calendar": self.calendar} if self.calendar not in (None, "UTC") else {}
        written = {name: msgspec.to_builtins(getattr(self, name)) for name in _WRITTEN}
        return options | {name: value for name, value in written.items() if value and value != _AS_INFERRED}


def _leave_out(part: dict[str, Any], names: Iterable[str]) -> None:
    for name in names:
        if part.get(name) is None:
            part.pop(name, None)


_WRITTEN = (
    "preset",
    "member",
    "sheet",
    "page",
    "embedded",
    "numbers",
    "scale",
    "missing",
    "charset",
    "delimiter",
    "zone",
    "period",
)
_AS_INFERRED = msgspec.to_builtins(Numbers())


_JUDGED_BY = ("title", "may_fall", "expected", "breaks", "derived", "counts_as")
"""What a rule says of naming and judging a figure that was read already."""


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
