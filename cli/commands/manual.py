"""The command that records a page, document or image that a person saved."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import extractors
from cli.output import note
from extractors.statement import TYPED, ManualEntry, Statement, write_statement
from extractors.tables.typed import read_value
from flows.desk import Desk
from flows.pipeline import take
from flows.stages import Intake
from model import Fetched, Source, UsageError, now, parse_day, parse_instant
from publish.safe import safe

_UNTYPABLE = "write it as ID=VALUE, or ID=VALUE@DAY, such as casualties='about 1,000,000'@2025-06-12"


@click.command(
    epilog="Example: tallybook manual uk_mod post.png --from https://example.org/post --by Ann "
    "--figure casualties='about 1,000,000'@2025-06-12"
)
@click.argument("source")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "url", required=True, metavar="URL", help="Where it was published.")
@click.option("--by", "who", required=True, help="Who saved it.")
@click.option("--at", metavar="TIME", help="When it was saved; now, when not given.")
@click.option("--published", metavar="DAY", help="When the publisher dated it.")
@click.option("--figure", "typed", multiple=True, metavar="ID=VALUE[@DAY]", help="A figure that it shows, typed.")
@click.option("--quote", default="", help="What it says around the typed figures.")
def manual(
    source: str,
    file: Path,
    url: str,
    who: str,
    at: str | None,
    published: str | None,
    typed: tuple[str, ...],
    quote: str,
) -> None:
    """Record a page saved by hand, or an image or document with the figures in it typed beside it.

    The file is archived as evidence. Without --figure it is read as the source's definition says; with it, what was
    typed is recorded, and that a person did so.
    """
    saved = parse_instant(at) if at else now()
    if saved > now():
        raise UsageError(f"--at {at} has not come yet", "give the time when the file was saved")
    with Desk.open() as desk:
        (followed,) = desk.catalogue.require([source])
        desk.ready()
        content = _read(file)
        day = parse_day(published) if published else None
        if typed:
            stated = _statement(content, file, url, who, tuple(_entry(followed, one, quote) for one in typed))
            desk.archive.put(content)
            content, kind = stated, TYPED
        else:
            kind = _readable(content, file)
        fetched = Fetched(
            url=url, at=saved, status=200, content=content, media_type=kind, published=day, headers={"saved-by": who}
        )
        done = take(desk, followed, fetched, Intake(cause="manual", article=followed.listing is not None))
    told = f"{done.update or source}: {done.state}" + (f": {done.message}" if done.message else "")
    note(safe(told, "terminal"))
    sys.exit(3 if done.held else 1 if done.state == "failed" else 0)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None


def _readable(content: bytes, file: Path) -> str:
    kind = extractors.sniff(content, file.name)
    if kind.startswith("image/"):
        raise UsageError(f"{file.name} is an image, whose figures nobody has typed", f"--figure: {_UNTYPABLE}")
    return kind


def _statement(content: bytes, file: Path, url: str, who: str, entries: tuple[ManualEntry, ...]) -> bytes:
    import hashlib

    statement = Statement(
        by=who,
        url=url,
        evidence=hashlib.sha256(content).hexdigest(),
        media_type=extractors.sniff(content, file.name),
        figures=entries,
    )
    return write_statement(statement)


def _entry(source: Source, typed: str, quote: str) -> ManualEntry:
    series, equals, rest = typed.partition("=")
    value, _, day = rest.partition("@")
    if not equals or not value.strip():
        raise UsageError(f"--figure {typed!r} names no value", _UNTYPABLE)
    figure_id, *labels = series.strip().split("/")
    if source.rule(figure_id) is None or len(labels) != len(source.by):
        ids = [*(rule.id for rule in source.figures), *(rule.id for rule in source.series)]
        known = ", ".join("/".join([one, *source.by]) for one in ids)
        raise UsageError(f"{source.id} follows no series {series.strip()!r}", f"it follows {known}")
    if not read_value(value, source.language):
        raise UsageError(f"--figure {typed!r}: {value!r} is no number", _UNTYPABLE)
    return ManualEntry(
        series=series.strip(), value=value, as_of=parse_day(day.strip()) if day.strip() else None, quote=quote
    )
