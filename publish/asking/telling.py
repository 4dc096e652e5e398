"""One figure of a series, as of a day and as known at a time, with all that a reader must see beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from model import Day, Figure, Instant, Series, Version
from publish.asking.answer import AnsweredFigure, AnswerProof, WaitingValue
from publish.finding.words import Definitions
from publish.names import SeriesNames
from publish.noting.markers import told_markers
from publish.numbers import hedge
from publish.printing.check import PrintDesk
from publish.safe import safe, web_address
from publish.vocabulary import Language

if TYPE_CHECKING:
    from storage import Proof, Views

LOOKED_AT = (60, 3000)
"""So many versions before a day are looked at, and so many where none of those counts."""

Fit = Literal["answered", "earlier"]


class FigureAsked(NamedTuple):
    """Which value of a series is asked for: of which days (None: the newest), as known when, or as first stated."""

    days: tuple[Day, Day] | None = None
    known_at: Instant | None = None
    first: bool = False


class FigureTeller:
    """Tells single figures of a ledger, by the definitions and the names of its series."""

    def __init__(self, views: Views, definitions: Definitions, names: SeriesNames) -> None:
        self._views, self._definitions, self._names = views, definitions, names
        self._print = PrintDesk(views, definitions, names)

    def find(self, series: Series, asked: FigureAsked) -> tuple[Version, Fit] | None:
        """The version that is asked for; a total of an earlier day where none is of that day; None where there is none.

        Of an increment, a share or a ratio, the day itself or the one value within the days that are asked for.
        """
        for most in LOOKED_AT:
            versions = self._versions(series.series, asked, most)
            counting = _counting(versions, first=asked.first)
            if counting or len(versions) < most:
                return _fitting(counting, series.kind, asked)
        return None

    def _versions(self, key: str, asked: FigureAsked, most: int) -> list[Version]:
        # A minute of a day sorts behind the day itself, and before this.
        before = Day(f"{asked.days[1]}~") if asked.days else None
        return self._views.window(key, before=before, known_at=asked.known_at, limit=most)

    def tell(self, series: Series, version: Version, language: Language = "en") -> AnsweredFigure:
        """A version with all that must stand beside it."""
        proof = self._views.proof(version.update, version.series, version.as_of)
        check = self._print.of(proof)
        figure = check.change.new or Figure(value=version.value)
        days = self._views.history(version.series, since=version.as_of, until=version.as_of)
        counted = [row for row in days.rows if not row[3]]
        return AnsweredFigure(
            series=version.series, name=check.name, source=check.source, title=check.title, carrier=check.carrier,
            claimants=check.who or (check.carrier,), basis=check.basis, measure=series.measure, kind=series.kind,
            unit=series.unit, whom=series.whom, category=series.category,
            value=version.value, low=version.low, high=version.high, qualifier=version.qualifier, hedge=hedge(figure),
            as_of=version.as_of, known_at=version.known_at, recorded_at=version.recorded_at,
            sentence=check.sentences[language].short, open=check.open, disputed=check.disputes,
            held=tuple(self._waiting(version)), revisions=len({row[2] for row in counted}) - 1,
            now=check.counts, newer=check.newer, proof=_proof(proof, check.proof, figure),
            markers=told_markers(self._views.markers(version.series)),
        )  # fmt: skip

    def _waiting(self, version: Version) -> list[WaitingValue]:
        """The values of this day and later ones that wait for a person."""
        history = self._views.history(version.series, since=version.as_of)
        held = [row for row in history.rows if row[3] == 1]
        return [
            WaitingValue(update=f"{history.source}/{history.known[row[1]][0]}", as_of=row[0], known_at=known)
            for row in held[-5:]
            for known in (history.known[row[1]][1],)
        ]


def _proof(proof: Proof, address: str, figure: Figure) -> AnswerProof:
    shot, update = proof.new, proof.update
    return AnswerProof(
        address=address,
        update=update.update,
        content_digest=update.content_digest,
        chain_digest=update.chain_digest,
        snapshot_sha256=shot.sha256 if shot else None,
        text_sha256=shot.text_sha256 if shot else None,
        url=web_address(shot.url) if shot else None,
        quote=safe(figure.quote, "terminal"),
        number_text=safe(figure.number_text, "terminal"),
    )


def _counting(versions: list[Version], *, first: bool) -> list[Version]:
    """Of each day the version that counts, or that was stated first; none of a day that is withdrawn."""
    found: dict[Day, Version] = {}
    for one in versions:
        if not one.held and not (first and one.as_of in found):
            found[one.as_of] = one
    return [one for one in found.values() if (one.value, one.low, one.high) != (None, None, None)]


def _fitting(counting: list[Version], kind: str, asked: FigureAsked) -> tuple[Version, Fit] | None:
    """The newest of the versions where it is of the days that are asked for, or a total of before."""
    if not counting:
        return None
    if asked.days is None:
        return counting[-1], "answered"
    within = [one for one in counting if asked.days[0] <= one.as_of[:10] <= asked.days[1]]
    if kind == "total":
        return (within or counting)[-1], "answered" if within else "earlier"
    return (within[0], "answered") if len(within) == 1 else None
