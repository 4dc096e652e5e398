"""The demonstration: the whole path on reports that ship with it, over three days, without any network."""

from __future__ import annotations

import secrets
import shlex
import shutil
import sys
from pathlib import Path

import click

from cli import demo as reports
from cli.output import console, note
from flows.desk import Desk
from flows.pipeline import refresh_source
from flows.settings import Settings
from model import Instant, Update, now
from publish.names import SeriesNames
from publish.telling import tell


@click.command(epilog="Example: tallybook demo --folder my-demo")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the demonstration's ledger here (default: demo inside TALLYBOOK_HOME); it is begun anew each time.",
)
@click.option("--serve", "served", is_flag=True, help="Open the review page on it afterwards, until stopped.")
@click.option("--port", default=8400, show_default=True, help="The review page's port.")
def demo(folder: Path | None, served: bool, port: int) -> None:
    """Walk the whole path on sample reports over three days, and show the diff log.

    The reports are served on this machine alone; the log comes in the terminal and as one HTML file.
    """
    home = (folder or Settings.load().home / "demo").absolute()
    _begin_anew(home)
    with reports.DemoPublisher() as publisher:
        updates = _walk(home, publisher)
        _tell(home, *updates)
        if served:
            _serve(home, port)


def _tell(home: Path, updates: list[Update], names: SeriesNames) -> None:
    page = home / "diff-log.html"
    from publish.html import log_html
    from publish.text import render_log

    page.write_text(
        log_html(updates, title="Tallybook: the demonstration", generated_at=now(), titles=names), encoding="utf-8"
    )
    render_log(updates, console(), titles=names)
    note(f"\nThe same log as one page: {page}")
    command = Path(sys.argv[0]) if Path(sys.argv[0]).name == "tallybook" else Path("tallybook")
    note(f"One value is held. Look around in this ledger, and decide:\n\n{_next_steps(home, command)}")


def _serve(home: Path, port: int) -> None:
    """Serve the review page on the demonstration's ledger, with a user to decide as."""
    from cli.commands.serve import office_of, store_of, wait
    from review.server import PageServer

    settings, password = _settings(home), secrets.token_urlsafe(9)
    store_of(settings).add("demo", password)
    with Desk(settings) as desk, PageServer(office_of(desk), "127.0.0.1", port) as page:
        note(f"\nThe review page: {page.address}\n  to decide there, log in as demo with {password}\n  Ctrl-C ends it")
        wait(page)


def _next_steps(home: Path, command: Path) -> str:
    """Commands to paste: they work from any folder."""
    correction = "demo_daily/3 demo_daily/tanks@2025-08-03 11138 --by me --why 'a digit too many'"
    looking = ("log --limit 1", "show demo_count/killed", "verify")
    steps = ("serve --page-only", "review list", f"review correct {correction}", *looking)
    lines = [f"export TALLYBOOK_HOME={shlex.quote(str(home))} TALLYBOOK_SOURCES={shlex.quote(str(home / 'sources'))}"]
    return "\n".join(f"  {line}" for line in (*lines, *(f"{command} {step}" for step in steps)))


def _begin_anew(home: Path) -> None:
    """Empty the demonstration's folder, which its mark shows to be one; anything else is left alone."""
    mark = home / ".tallybook-demo"
    if home.exists() and any(home.iterdir()) and not mark.exists():
        raise click.UsageError(f"{home} holds something else than a demonstration; name another --folder")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    mark.touch()


def _settings(home: Path) -> Settings:
    return Settings(
        home=home,
        database_url=f"sqlite:///{home / 'ledger.sqlite'}",
        archive=home / "archive",
        sources=home / "sources",
        host_spacing=0.0,
    )


def _walk(home: Path, publisher: reports.DemoPublisher) -> tuple[list[Update], SeriesNames]:
    reports.write_definitions(home / "sources", publisher.base_url)
    settings = _settings(home)
    day = 0

    def clock() -> Instant:
        return reports.clock(day)

    with Desk(settings, clock) as desk:
        for day in range(len(reports.DAYS)):
            publisher.set_day(day)
            note(f"Day {day + 1} of {len(reports.DAYS)}: {reports.DAYS[day].story}")
            for source_id in desk.catalogue:
                refresh_source(desk, desk.catalogue[source_id])
        names = desk.names()
        return [tell(update, names) for update in desk.ledger.views.log(limit=None)], names
