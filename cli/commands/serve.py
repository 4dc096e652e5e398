"""The review page: serving it, beside the schedules or alone, and the users who may change things on it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

from cli.output import note
from flows.desk import Desk
from flows.operation.notify import Heart, notify
from flows.operation.ours import altered
from flows.server import end_hard
from flows.settings import Settings
from model import TallybookError

if TYPE_CHECKING:
    from review import AccountStore, Office
    from review.people.acts import ActBook
    from review.store import UserRole

PAGE_PORT, PREFECT_PORT = 8400, 4200
UPLOAD_MOST = 32 * 2**20


def store_of(settings: Settings) -> AccountStore:
    """The users and sessions of a home."""
    from review import AccountStore

    return AccountStore(settings.users)


def office_of(desk: Desk, *, hosts: Sequence[str] = (), secure: bool = False) -> Office:
    """What the review page works with: one ledger, its definitions, and a way to refresh a source now."""
    from flows.drafts.workshop import Workshop
    from flows.operation.health import metrics, wrong
    from flows.pipeline import refresh_source
    from flows.rules.bench import RuleBench
    from flows.rules.printed import PrintWatch
    from flows.status import statuses
    from review import Office
    from review.office import Books, Door, Followed, Health
    from review.people.deciding import SecondPerson
    from storage import Views

    _ = desk.fetcher, desk.alarms  # opened on first use, which must not be two threads' at once
    return Office(
        Books(Views(desk.ledger.engine, desk.archive), desk.ledger, desk.archive),
        Followed(
            desk.newest_catalogue,
            lambda: statuses(desk),
            lambda source: refresh_source(desk, desk.catalogue[source], force=True),
            Workshop(desk),
            RuleBench(desk),
            PrintWatch(desk),
        ),
        store_of(desk.settings),
        Door(
            tuple(hosts),
            secure,
            desk.settings.trusted_proxies,
            desk.settings.embed_origins,
            min(UPLOAD_MOST, desk.settings.fetch_bytes),
            Health(lambda: wrong(desk), lambda: metrics(desk)),
        ),
        SecondPerson(desk.settings.second_person),
    )


@click.command(epilog="Example: tallybook serve --port 8400")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the page is; others than this need users.")
@click.option("--port", default=PAGE_PORT, show_default=True, help="The page's port.")
@click.option("--name", "names", multiple=True, help="A name that browsers may call the page by; repeatable.")
@click.option("--https", is_flag=True, help="Browsers reach the page by https, through a proxy of yours.")
@click.option("--page-only", is_flag=True, help="The page without the schedules.")
@click.option("--prefect-port", default=PREFECT_PORT, show_default=True, help="Prefect's port, on this machine alone.")
def serve(host: str, port: int, names: tuple[str, ...], https: bool, page_only: bool, prefect_port: int) -> None:
    """Run the review page and the schedules on this machine until stopped."""
    from publish.alerts import refuse_unknown
    from review.server import PageServer, refuse_open_page

    with Desk.open() as desk:
        for address in filter(None, (desk.settings.alert_url, *desk.settings.alert_urls.values())):
            refuse_unknown(address)
        refuse_open_page(host, users=bool(store_of(desk.settings).users()))
        called = () if host in ("0.0.0.0", "::") else (host,)
        office = office_of(desk, hosts=(*called, *names), secure=https)
        with PageServer(office, host, port) as page:
            note(f"tallybook: the review page is {page.address}")
            if not office.store.users():
                first = f"{page.address}first?code={office.first_code}"
                note(f"tallybook: nobody can log in yet; make the first user: {first}")
            if page_only:
                wait(page)
                return
            desk.ledger.require_newest()
            if found := altered():
                raise TallybookError(f"{', '.join(found[:3])} is not what was installed", "install Tallybook anew")
            from flows.serve import serve as run

            run(desk.settings, port=prefect_port)


def wait(page: object) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    from review.server import PageServer

    assert isinstance(page, PageServer)
    signal.signal(signal.SIGTERM, _leave)
    notify("READY=1")
    try:
        with Heart(page.is_alive, end_hard):
            page.wait()
    except KeyboardInterrupt:
        note("tallybook: stopped")


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@click.command(epilog="Example: tallybook deploy --pool tallybook")
@click.option("--pool", required=True, help="The work pool whose workers run the schedules; made where there is none.")
def deploy(pool: str) -> None:
    """Name the schedules of the definitions to a Prefect server of several machines; again where they changed.

    The server is that of TALLYBOOK_PREFECT_API. On one machine `tallybook serve` does this by itself.
    """
    from flows.serve import deploy as register

    planned = register(Settings.load(), pool)
    for one in planned:
        note(f"{one.cron} {one.timezone}: {len(one.sources)} sources")
    note(f"refresh/tallybook has {len(planned)} schedules, for the workers of {pool}")


@click.group(epilog="Example: tallybook users add ann")
def users() -> None:
    """Who may read what is private, decide, and give roles on the review page."""


def _acts(settings: Settings) -> ActBook:
    from review.people.acts import ActBook

    return ActBook(store_of(settings).path)


def _done(settings: Settings, act: str, name: str, told: str) -> None:
    """Write down what was done to a user, and say it."""
    from review.people.acts import terminal

    _acts(settings).note(terminal(), act, name, told)
    note(told)


ROLE = click.Choice(("reader", "editor", "admin"))


@users.command("add", epilog="Example: tallybook users add ann --role editor")
@click.argument("name")
@click.option("--role", type=ROLE, help="What they may do; the first of all is an admin, others are editors.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(name: str, role: UserRole | None, password_stdin: bool) -> None:
    """Add a user, or give one another password; it is asked for, and only its argon2 hash is kept."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    settings = Settings.load()
    given = store_of(settings).add(name, password, role)
    _done(settings, "add_user", name, f"{name} may log in: {given}")


@users.command("role", epilog="Example: tallybook users role ann admin")
@click.argument("name")
@click.argument("role", type=ROLE)
def give_role(name: str, role: UserRole) -> None:
    """Let a user do what a role may: reader, editor or admin."""
    settings = Settings.load()
    store_of(settings).give_role(name, role)
    _done(settings, "give_role", name, f"{name} is now: {role}")


@users.command("list", epilog="Example: tallybook users list")
def list_users() -> None:
    """The users, when they were added, and their roles."""
    for one in store_of(Settings.load()).users():
        click.echo(f"{one.name}\t{one.added_at}\t{one.role}")


@users.command("remove", epilog="Example: tallybook users remove ann")
@click.argument("name")
def remove(name: str) -> None:
    """Remove a user; their decisions stay."""
    settings = Settings.load()
    store_of(settings).remove(name)
    _done(settings, "remove_user", name, f"{name} is removed")
