"""Commands that read the ledger: log, series, show, table."""

from __future__ import annotations

import click

from cli.output import as_json, console, note, print_json
from flows.desk import Desk
from model import Update, parse_day, parse_instant
from publish.telling import tell


def told(desk: Desk, source: str | None, since: str | None, limit: int | None, changes: int | None) -> list[Update]:
    """The diff log with its sentences."""
    views = desk.views
    updates = views.log(source, since=parse_day(since) if since else None, limit=limit, changes=changes)
    names = desk.names()
    return [tell(update, names) for update in updates]


@click.command(epilog="Example: tallybook log mediazona_headline --limit 5")
@click.argument("source", required=False)
@click.option("--since", metavar="DAY", help="Only what was known, or decided, on that day or later.")
@click.option("--limit", type=click.IntRange(1), default=None, help="At most so many updates (20, or all with --all).")
@click.option("--all", "everything", is_flag=True, help="Every update and every change of each.")
@as_json
def log(source: str | None, since: str | None, limit: int | None, everything: bool, as_json: bool) -> None:
    """The diff log: what changed, newest first."""
    with Desk.open() as desk:
        most = limit if limit is not None or everything else 20
        updates, names = told(desk, source, since, most, None if everything else 50), desk.names()
    if as_json:
        print_json(updates)
        return
    from publish.text import render_log

    if not updates:
        note("the diff log is empty: run tallybook refresh or tallybook backfill")
    render_log(updates, console(), titles=names)


@click.command(epilog="Example: tallybook series ua_personnel")
@click.argument("source", required=False)
@as_json
def series(source: str | None, as_json: bool) -> None:
    """What is followed: every series with its newest figure."""
    with Desk.open() as desk:
        rows, names = desk.views.series(source), desk.names()
    if as_json:
        print_json(rows)
        return
    from publish.text import render_series

    render_series(rows, console(), titles=names)


@click.command(epilog="Example: tallybook show ua_personnel/personnel --known-at 2024-01-01")
@click.argument("series")
@click.option("--known-at", metavar="TIME", help="Only what the world could know then.")
@as_json
def show(series: str, known_at: str | None, as_json: bool) -> None:
    """One series: its observations with all their revisions."""
    with Desk.open() as desk:
        rows = desk.views.show(series, known_at=parse_instant(known_at) if known_at else None)
    if as_json:
        print_json(rows)
        return
    from publish.text import render_show

    render_show(rows, console())


@click.command(epilog="Example: tallybook table ua_personnel --known-at 2023-05-09T12:00:00Z")
@click.argument("source", required=False)
@click.option("--known-at", metavar="TIME", help="As the world could know it then.")
@click.option("--recorded-by", metavar="TIME", help="As we had recorded it by then.")
@as_json
def table(source: str | None, known_at: str | None, recorded_by: str | None, as_json: bool) -> None:
    """The accepted values, now or as known at a time."""
    if known_at and recorded_by:
        raise click.UsageError("--known-at and --recorded-by ask different questions: give one")
    with Desk.open() as desk:
        rows = desk.views.table(
            source,
            known_at=parse_instant(known_at) if known_at else None,
            recorded_by=parse_instant(recorded_by) if recorded_by else None,
            quotes=as_json,
        )
        names = desk.names()
    if as_json:
        print_json(rows)
        return
    from publish.text import render_table

    render_table(rows, console(), titles=names)
