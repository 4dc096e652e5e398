"""The command that takes back what was recorded under a clock that ran ahead."""

from __future__ import annotations

import click

from cli.output import note
from flows.desk import Desk
from model import UsageError, instant, moment, now
from publish.safe import safe


@click.command(epilog="Example: tallybook sources rewind ua_personnel --by Ann --why 'the clock stood in 2027'")
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--by", "who", required=True, help="Who takes it back; it stays in the ledger.")
@click.option("--why", required=True, help="Why; it stays in the ledger.")
def rewind(names: tuple[str, ...], who: str, why: str) -> None:
    """Take back what has times that have not come yet: a clock of ours was ahead.

    Look at the clock first: what is ahead is judged by it. Of each source, or of those named, the first such update
    and all after it go, decisions among them; their rows stay in the archive, and the next refresh reads anew.
    A checkpoint from before the clock was ahead still verifies.
    """
    from flows.past.clocks import SKEW  # brings the ledger, which the other commands of its group start without

    at = instant(moment(now()) + SKEW)  # what another refresh records at this moment is not ahead
    with Desk.open() as desk:
        chosen = names or tuple(standing.source for standing in desk.require_ledger().ledger.standings())
        done = [one for name in chosen if (one := desk.ledger.rewind(name, at, who=who, why=why))]
    if not done:
        raise UsageError(f"nothing is recorded of a time later than {at}", "is this machine's clock right?")
    for one in done:
        told = f"{one.updates} updates from {one.first} on" if one.updates else f"{one.attempts} attempts"
        note(safe(f"{one.source}: {told} are taken back; their rows: tallybook archive show {one.kept}", "terminal"))
    note("now refresh: tallybook refresh")
