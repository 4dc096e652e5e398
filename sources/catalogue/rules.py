"""What must hold in a definition beyond the types of its fields: each rule is a function that yields problems."""

from __future__ import annotations

import codecs
import datetime as dt
import difflib
import functools
import importlib.resources
import json
import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from cronsim import CronSim, CronSimError  # strict, typed, needs nothing; croniter takes forms Prefect refuses

from model import (
    EXTRACTORS,
    PRESETS,
    QUALIFIERS,
    Aggregate,
    AsOf,
    Extractor,
    Field,
    FigureRule,
    Paging,
    SeriesRule,
    Source,
    UsageError,
    parse_day,
)
from sources.catalogue.alerting import alert_rules
from sources.web.addresses import url_problem
from sources.web.secrets import NAMED

Problem: TypeAlias = tuple[str, str]
"""(key path such as `figures[0].column`, what is wrong with it)."""

MOST_RELEASES = 500
"""The most releases that one refresh of a listing may read."""

MOST_AGAIN, LONGEST_AGAIN = 1000, 366
"""The most releases that are looked at again, and the most days between two looks at one."""

Rule: TypeAlias = Callable[[Source], Iterator[Problem]]

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SERIES_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}(/[^\s/]+)+")
_DATE = re.compile(r"\{date:[^{}]*\}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_UNKNOWN_TO_PREFECT = re.compile(r"LW|\dL", re.IGNORECASE)

_PLACES = ("column", "path", "css", "pattern")


def ids_problem(name: str) -> str | None:
    """What is wrong with an id; None when it is a small letter, then small letters, digits and `_`, 64 at most."""
    if _ID.fullmatch(name):
        return None
    return f"must be small letters, digits and _, begin with a letter, and have 64 at most, not {name[:80]!r}"


def patterns(source: Source) -> Iterator[tuple[str, str]]:
    """Every pattern of a definition, with its key path."""
    for place, rule in enumerate(source.figures):
        if rule.pattern is not None:
            yield f"figures[{place}].pattern", rule.pattern
    if source.as_of and source.as_of.pattern is not None:
        yield "as_of.pattern", source.as_of.pattern
    if source.label is not None:
        yield "label.pattern", source.label.pattern
    if source.embedded is not None:
        yield "embedded", source.embedded
    yield from _listing_patterns(source)


def _listing_patterns(source: Source) -> Iterator[tuple[str, str]]:
    listing = source.listing
    if listing is None:
        return
    if listing.links and listing.links.startswith(("http", "/", "^", "(")):
        yield "listing.links", listing.links
    if listing.titles:
        yield "listing.titles", listing.titles
    if listing.published and not (listing.links or "").startswith("$"):
        yield "listing.published", listing.published


def _one_address(source: Source) -> Iterator[Problem]:
    if source.url is None and source.listing is None:
        yield "url", "required key is missing; give url, or listing"
    elif source.url is not None and source.listing is not None:
        yield "listing", "give url or listing, not both"


def _addresses(source: Source) -> Iterator[Problem]:
    urls = {
        "url": source.url,
        "listing.url": source.listing.url if source.listing else None,
        "publisher.url": source.publisher.url,
    }
    for key, url in urls.items():
        problem = url_problem(_DATE.sub("2026-01-02", url)) if url is not None else None
        if problem:
            yield key, problem[1]
        if url is not None and "${" in NAMED.sub("", url):
            yield key, "names a secret that is none; write ${NAME}, the name in letters, digits and _"


def _listing(source: Source) -> Iterator[Problem]:
    listing = source.listing
    if listing is None:
        return
    if not 1 <= listing.newest <= MOST_RELEASES:
        yield "listing.newest", f"must be 1 to {MOST_RELEASES}"
    if not 0 <= listing.again <= MOST_AGAIN:
        yield "listing.again", f"must be 0 to {MOST_AGAIN}"
    if not 1 <= listing.again_days <= LONGEST_AGAIN:
        yield "listing.again_days", f"must be 1 to {LONGEST_AGAIN}"
    if listing.address and not (listing.links or "").startswith("$"):
        yield "listing.address", "is made of JSON fields; links must be a path such as $.hits[*]"
    if listing.post and not _is_json(listing.post):
        yield "listing.post", "must be JSON"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _schedule(source: Source) -> Iterator[Problem]:
    if source.schedule is None:
        return
    wrong = _cron_problem(source.schedule.cron)
    if wrong:
        yield "schedule.cron", wrong
    zone = source.schedule.timezone
    if zone not in _zones():
        near = difflib.get_close_matches(zone, _zones(), 1)
        hint = f"; did you mean {near[0]!r}?" if near else "; write one such as Europe/Kyiv"
        yield "schedule.timezone", f"{zone!r} is no IANA time zone{hint}"


@functools.lru_cache(maxsize=1024)
def _cron_problem(cron: str) -> str | None:
    if len(cron.split()) != 5:
        return f"{cron!r} must have 5 fields: minute hour day month weekday"
    try:
        if _UNKNOWN_TO_PREFECT.search(cron):
            raise CronSimError("LW and 5L are not understood")
        CronSim(cron, dt.datetime(2000, 1, 1))
    except (CronSimError, ValueError, AssertionError) as error:
        return f"{cron!r} is no cron line ({str(error).lower() or 'unreadable'}); write one such as '0 6 * * *'"
    return None


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(importlib.resources.files("tzdata").joinpath("zones").read_text("ascii").split())


def _tried_live(source: Source) -> Iterator[Problem]:
    if source.tried_live != "never" and not _is_day(source.tried_live):
        yield "tried_live", f"must be never, or a date such as 2026-01-02, not {source.tried_live!r}"


def _figures_or_series(source: Source) -> Iterator[Problem]:
    wanted = source.reads_with.follows
    other = "figures" if wanted == "series" else "series"
    if not getattr(source, wanted):
        yield wanted, f"required key is missing or empty; {source.extractor} needs {wanted}"
    if getattr(source, other):
        yield other, f"{source.extractor} takes {wanted}, not {other}"


def _ids(source: Source) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key in ("figures", "series"):
        rules: tuple[FigureRule | SeriesRule, ...] = getattr(source, key)
        for place, rule in enumerate(rules):
            path = f"{key}[{place}].id"
            wrong = ids_problem(rule.id)
            if wrong:
                yield path, wrong
            if rule.id in seen:
                yield path, f"{rule.id!r} is already the id of {seen[rule.id]}; ids are unique in a file"
            seen.setdefault(rule.id, f"{key}[{place}]")


def _places(source: Source) -> Iterator[Problem]:
    extractor = source.reads_with
    if extractor.follows != "figures":
        return
    for place, rule in enumerate(source.figures):
        if rule.aggregate is not None:
            continue
        yield from _place(extractor, rule, f"figures[{place}]")
        if rule.change is not None:
            if extractor.tabular:
                yield from _place(extractor, rule.change, f"figures[{place}].change")
            else:
                message = f"is for {_tabular()}; in a pattern it is the group change"
                yield f"figures[{place}].change", message
        if isinstance(rule.qualifier, Field):
            yield from _place(extractor, rule.qualifier, f"figures[{place}].qualifier")
        elif rule.qualifier is not None and rule.qualifier not in QUALIFIERS:
            words = ", ".join(sorted(QUALIFIERS))
            yield f"figures[{place}].qualifier", f"{rule.qualifier!r} is not one of {words}, nor {{column: …}}"


def _place(extractor: Extractor, part: FigureRule | AsOf | Field, path: str) -> Iterator[Problem]:
    places = extractor.days if isinstance(part, AsOf) else extractor.places
    allowed = [key for key in places if hasattr(part, key)]
    given = [key for key in _PLACES if getattr(part, key, None) is not None]
    for key in given:
        if key not in allowed:
            takes = f"takes {' or '.join(allowed)}, not {key}" if allowed else f"takes no {key} here"
            yield f"{path}.{key}", f"{extractor.name} {takes}"
    if allowed and not given:
        yield path, f"{extractor.name} needs {' or '.join(allowed)} here"
    if "column" in given and len(given) > 1 and set(given) <= set(allowed):
        yield f"{path}.column", f"give column or {' and '.join(key for key in given if key != 'column')}, not both"


def _as_of(source: Source) -> Iterator[Problem]:
    if source.as_of is None:
        return
    if not source.reads_with.days:
        yield "as_of", f"{source.extractor} takes dates from its text, not as_of"
        return
    yield from _place(source.reads_with, source.as_of, "as_of")
    yield from _grain(source, source.as_of)
    for form in source.as_of.formats:
        if not _is_format(form):
            yield "as_of.format", f"{form!r} is no strptime format; write one such as '%d %B %Y'"
        elif wrong := _never_fits(form):
            yield "as_of.format", f"{form!r} can never be read: {wrong}"
    other = [form for form in source.as_of.formats if _swapped(form) in source.as_of.formats and "%d" in form]
    if other:
        yield "as_of.format", f"{' and '.join(other)} both fit a day such as 05/06/2026, which is then of either month"


def _grain(source: Source, rule: AsOf) -> Iterator[Problem]:
    if rule.grain is None:
        return
    for form in rule.formats:
        if not re.search("%[HIsXcT]", form):
            yield "as_of.grain", f"the format {form!r} has no time of day"
    for key, given in (("as_of.year", rule.year), ("period", source.period)):
        if given is not None:
            yield key, "is of whole days; as_of has grain: minute"


def _swapped(form: str) -> str:
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m") if "%m" in form else ""


@functools.lru_cache(maxsize=1024)
def _is_format(text: str) -> bool:
    try:
        dt.datetime.strptime("", text)
    except ValueError as error:
        return "does not match" in str(error)
    except re.error:
        return False  # a directive stands twice
    return False  # the empty text fits: there is no date in it


@functools.lru_cache(maxsize=1024)
def _never_fits(form: str) -> str:
    """Why no day can be read by a format, where one that is written by it cannot be read back; empty where one can."""
    if re.search("%[VWU]", form) and not re.search("%[aAwuj]|%d", form):
        form += " %u"  # a week is observed at its last day
        if not re.search("%[YyG]", form):
            return "a week without its year names no day; add one, such as %G"
    try:
        dt.datetime.strptime(dt.datetime(2026, 1, 12, tzinfo=dt.UTC).strftime(form), form)
    except ValueError as error:
        return str(error)
    return ""


def _dimensions(source: Source) -> Iterator[Problem]:
    if source.reads_with.tabular:
        return
    if source.coverage == "list":
        yield "coverage", f"{source.extractor} has no rows; a list is for {_tabular()}"
    if source.by:
        yield "by", f"{source.extractor} has no columns; by is for {_tabular()}"
    for place, rule in enumerate(source.figures):
        if rule.where:
            yield f"figures[{place}].where", f"{source.extractor} has no rows; where is for {_tabular()}"


def _tabular() -> str:
    return ", ".join(one.name for one in EXTRACTORS.values() if one.tabular)


def _rows(source: Source) -> Iterator[Problem]:
    if source.rows != "$" and "rows" not in source.reads_with.keys:
        yield "rows", f"{source.extractor} takes no rows; they are for {' and '.join(_that_take('rows'))}"


def _pieces(source: Source) -> Iterator[Problem]:
    for key in ("sheet", "page"):
        if getattr(source, key) is not None and key not in source.reads_with.keys:
            yield key, f"{source.extractor} takes no {key}; it is for {' and '.join(_that_take(key))}"


def _preset(source: Source) -> Iterator[Problem]:
    preset = PRESETS[source.preset] if source.preset else None
    if preset and source.extractor not in preset.extractors:
        yield "preset", f"{source.preset} is read by {' or '.join(preset.extractors)}, not by {source.extractor}"


def _paging(source: Source) -> Iterator[Problem]:
    rule = source.paging
    if rule is None:
        return
    if not source.reads_with.paged:
        paged = " and ".join(one.name for one in EXTRACTORS.values() if one.paged)
        yield "paging", f"{source.extractor} reads no pages; they are for {paged}"
    ways = [name for name in ("next", "offset", "page") if getattr(rule, name) is not None]
    if len(ways) != 1:
        yield "paging", f"needs one of next, offset and page, not {' and '.join(ways) or 'none'}"
    yield from _paths_of(rule, source.extractor)
    yield from _limits_of(rule)


def _drawing(source: Source) -> Iterator[Problem]:
    if source.fetch == "plain":
        if source.wait_for is not None:
            yield "wait_for", "is for pages that a browser draws; add fetch: browser"
        return
    if source.reads_with.form is not None and source.embedded is None:
        yield "fetch", f"a browser draws pages, and {source.extractor} reads none; give the address of the data"
    wanted = source.wait_for
    if wanted is not None and (problem := _no_selector(wanted)):
        yield "wait_for", f"{wanted!r} is no CSS selector ({problem}); a text is written text=…"


def _no_selector(text: str) -> str | None:
    if text.startswith("text="):
        return None if text.removeprefix("text=").strip() else "the text is missing"
    from soupsieve import SelectorSyntaxError, compile

    try:
        compile(text)
    except SelectorSyntaxError as error:
        return str(error).partition("\n")[0]
    return None


def _paths_of(rule: Paging, extractor: str) -> Iterator[Problem]:
    paths = {"next": None if rule.next == "header" else rule.next, "total": rule.total, "more": rule.more}
    stated = {name: path for name, path in paths.items() if path is not None}
    for name, path in stated.items():
        if extractor != "json" or not path.startswith("$."):
            yield f"paging.{name}", f"must be a path into JSON such as $.a.b, not {path!r}"


def _limits_of(rule: Paging) -> Iterator[Problem]:
    for name, most in (("most_pages", MOST_PAGES), ("most_bytes", MOST_BYTES_OF_PAGES)):
        if not 1 <= getattr(rule, name) <= most:
            yield f"paging.{name}", f"must be 1 to {most}"


MOST_PAGES, MOST_BYTES_OF_PAGES = 1000, 2**28
"""The most pages, and bytes of them, that one look may ask for."""


def _that_take(key: str) -> list[str]:
    return [one.name for one in EXTRACTORS.values() if key in one.keys]


def _written(source: Source) -> Iterator[Problem]:
    """What a definition says of how its source writes, where it can never fit."""
    numbers = source.numbers
    if numbers.group is not None and (len(numbers.group) != 1 or numbers.group.isalnum()):
        yield "numbers.group", f"must be the one mark that parts thousands, such as '.' or ' ', not {numbers.group!r}"
    if numbers.group is not None and numbers.group == (numbers.decimal or "."):
        yield "numbers.group", f"{numbers.group!r} is the decimal mark, and parts no thousands"
    if source.charset is not None and not _is_charset(source.charset):
        yield "charset", f"{source.charset!r} is no encoding of text; write one such as utf-8 or windows-1251"
    if source.delimiter is not None and len(source.delimiter) != 1:
        yield "delimiter", f"must be one character such as ';', not {source.delimiter!r}"
    if source.delimiter in ('"', "\n", "\r") or (source.delimiter or "").isalnum():
        yield "delimiter", f"{source.delimiter!r} parts no fields"
    if source.delimiter is not None and source.extractor != "csv":
        yield "delimiter", f"{source.extractor} takes no delimiter; it is for csv"
    if source.zone is not None and source.zone not in _zones():
        yield "zone", f"{source.zone!r} is no IANA time zone; write one such as Europe/Kyiv"
    for place, text in enumerate(source.missing):
        if text != text.strip():
            yield f"missing[{place}]", f"{text!r} never fits; cells are read without the spaces around them"


def _is_charset(name: str) -> bool:
    try:
        return isinstance(b"a".decode(codecs.lookup(name).name), str)
    except (LookupError, UnicodeError, ValueError):
        return False


def _text(source: Source) -> Iterator[Problem]:
    if source.text.css is not None and "text" not in source.reads_with.keys:
        yield "text", f"{source.extractor} takes no text; it tells {' and '.join(_that_take('text'))} where to read"


def _derived(source: Source) -> Iterator[Problem]:
    ids = {rule.id for rule in source.figures}
    for place, rule in enumerate(source.figures):
        if rule.derived is None:
            continue
        of, path = rule.derived.running_sum_of, f"figures[{place}].derived.running_sum_of"
        if of == rule.id:
            yield path, "a figure is no running sum of itself"
        elif of not in ids:
            yield path, f"{of!r} is no figure of this file; known: {', '.join(sorted(ids))}"


def _aggregates(source: Source) -> Iterator[Problem]:
    for place, rule in enumerate(source.figures):
        if rule.aggregate is not None:
            yield from _aggregate(source, rule.aggregate, f"figures[{place}].aggregate")
            for name in _OF_A_ROW:
                if getattr(rule, name):
                    yield f"figures[{place}].{name}", "is for what stands in a row; this is counted up from rows"


_OF_A_ROW = ("column", "path", "css", "pattern", "where", "qualifier", "change", "scale", "derived")


def _aggregate(source: Source, how: Aggregate, path: str) -> Iterator[Problem]:
    if not source.reads_with.tabular:
        yield path, f"{source.extractor} has no rows; it is for {_tabular()}"
    yield from _rows_of(source, how, path)
    unknown = [name for name in how.by if name not in source.by]
    if unknown:
        yield f"{path}.by", f"{unknown[0]!r} is no dimension of by; known: {', '.join(source.by) or 'none'}"
    if how.each is not None and source.as_of is None:
        yield f"{path}.each", "rows have no as-of of their own; say as_of, too"


def _rows_of(source: Source, how: Aggregate, path: str) -> Iterator[Problem]:
    printed = [rule.id for rule in source.as_printed().figures]
    if len(how.ways) != 1:
        yield path, f"needs one of count_of, sum_of and max_of, not {' and '.join(how.ways) or 'none'}"
    elif how.of not in printed:
        yield f"{path}.{how.ways[0]}", f"{how.of!r} is no figure that stands in a row; known: {', '.join(printed)}"


def _counts_as(source: Source) -> Iterator[Problem]:
    for key in ("figures", "series"):
        rules: tuple[FigureRule | SeriesRule, ...] = getattr(source, key)
        for place, rule in enumerate(rules):
            path, other = f"{key}[{place}].counts_as", rule.counts_as
            if other is not None and not _SERIES_KEY.fullmatch(other):
                yield path, f"must be a source and its series, such as mediazona/killed, not {other!r}"
            elif other is not None and other.startswith(f"{source.id}/"):
                yield path, f"{other!r} is of this source; it names a series of another"


def _breaks(source: Source) -> Iterator[Problem]:
    for key in ("figures", "series"):
        rules: tuple[FigureRule | SeriesRule, ...] = getattr(source, key)
        for place, rule in enumerate(rules):
            for number, one in enumerate(rule.breaks):
                path = f"{key}[{place}].breaks[{number}]"
                if not _is_day(one.as_of):
                    yield f"{path}.as_of", f"must be a date such as 2026-01-02, not {one.as_of!r}"
                if one.series is not None and one.series.partition("/")[0] != rule.id:
                    yield f"{path}.series", f"must be a series of this figure, such as {rule.id}/…, not {one.series!r}"


def _expect(source: Source) -> Iterator[Problem]:
    bounds = source.expect.figures
    if bounds and not 0 <= bounds[0] <= bounds[1]:
        yield "expect.figures", f"must be [fewest, most], not [{bounds[0]}, {bounds[1]}]"
    for place, name in enumerate(source.expect.series):
        yield from _known_series(source, name, f"expect.series[{place}]")


def _corrections(source: Source) -> Iterator[Problem]:
    for place, correction in enumerate(source.corrections):
        path = f"corrections[{place}]"
        if not _NUMBER.fullmatch(correction.value):
            yield f"{path}.value", f"must be a plain number such as 121507, not {correction.value!r}"
        if not _is_as_of(correction.as_of):
            yield f"{path}.as_of", f"must be a date such as 2026-01-02, not {correction.as_of!r}"
        if correction.series is not None:
            yield from _known_series(source, correction.series.removeprefix(f"{source.id}/"), f"{path}.series")


def _known_series(source: Source, name: str, path: str) -> Iterator[Problem]:
    # Labels of dimensions may follow the id, and are known only once a report is read.
    if source.rule(name.partition("/")[0]) is None:
        ids = [rule.id for rule in source.figures] + [rule.id for rule in source.series]
        yield path, f"{name!r} is no id of this file; known: {', '.join(ids) or 'none'}"


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_as_of(text: str) -> bool:
    """Whether a text is a day, or a minute of sources with `grain: minute`."""
    try:
        return parse_day(text) == text
    except UsageError:
        return False


RULES: tuple[tuple[frozenset[str], Rule], ...] = (
    (frozenset({"url", "listing"}), _one_address),
    (frozenset({"url", "listing", "publisher"}), _addresses),
    (frozenset({"listing"}), _listing),
    (frozenset({"schedule"}), _schedule),
    (frozenset({"tried_live"}), _tried_live),
    (frozenset({"extractor", "figures", "series"}), _figures_or_series),
    (frozenset({"figures", "series"}), _ids),
    (frozenset({"extractor", "figures"}), _places),
    (frozenset({"extractor", "as_of"}), _as_of),
    (frozenset({"extractor", "figures", "by"}), _dimensions),
    (frozenset({"extractor", "rows"}), _rows),
    (frozenset({"extractor", "sheet", "page"}), _pieces),
    (frozenset({"extractor", "preset"}), _preset),
    (frozenset({"extractor", "preset", "paging"}), _paging),
    (frozenset({"extractor", "fetch", "wait_for", "embedded"}), _drawing),
    (frozenset({"extractor", "text"}), _text),
    (frozenset({"extractor", "numbers", "charset", "delimiter", "zone", "missing"}), _written),
    (frozenset({"figures"}), _derived),
    (frozenset({"figures", "by", "as_of"}), _aggregates),
    (frozenset({"figures", "series"}), _counts_as),
    (frozenset({"figures", "series"}), _breaks),
    (frozenset({"expect", "figures", "series"}), _expect),
    (frozenset({"corrections", "figures", "series"}), _corrections),
    (frozenset({"rules", "figures", "series"}), alert_rules),
)
"""Each rule with the top-level keys that it looks at; it is not asked where one of them is broken already."""
