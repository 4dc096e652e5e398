"""Making an evidence pack: one ZIP with all that an update, or one figure of it, rests on, and what verifies it."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from model import Change, Instant, Source, UsageError, dumps, plain
from publish.charts.plate import NoFontError, png
from publish.packing import verify
from publish.packing.excerpt import ExcerptPart, excerpt_svg
from publish.printing.check import PrintDesk, PrintPlace
from storage.archive import Archive
from storage.proof.pack import PackedLedger, PackReader, contents_of

if TYPE_CHECKING:
    from publish.finding.words import Definitions
    from publish.names import SeriesNames
    from publish.packing.stamp import Stamp
    from storage import Proof, Shot, Views

MOST_FIGURES = 50
"""So many figures of an update are packed; of one with more, those that the log tells first."""

AROUND = 600
"""So many signs of the text stand before and behind a figure in its excerpt."""


class PackAsked(NamedTuple):
    """Of which update, of which series of it (None: of all), when the pack is made, and who stamps its checkpoint."""

    update: str
    series: str | None
    made_at: Instant
    stamp: Stamp | None = None


class Packer:
    """Packs updates of a ledger with their evidence."""

    def __init__(self, views: Views, archive: Archive, definitions: Definitions, names: SeriesNames) -> None:
        self._views, self._archive = views, archive
        self._definitions, self._names = definitions, names

    def pack(self, asked: PackAsked) -> bytes:
        """A pack as the bytes of a ZIP; the same ledger, asked at the same time, gives the same bytes.

        Raises `UsageError` where the update has no such figure or words of it were redacted, `ArchiveError` where what
        it rests on is not in the archive any more.
        """
        proofs = self._proofs(asked)
        desk = PrintDesk(self._views, self._definitions, self._names)
        checks = [desk.of(proof) for proof in proofs]
        bases = [base for proof in proofs for base in _bases(proof)]
        ledger = PackReader(self._views.engine, self._archive).packed([asked.update, *bases])
        files = _ledger_files(ledger) | self._archived(ledger)
        figures = [_figure(proof) for proof in proofs]
        files["figures.json"] = verify.written({"figures": figures})
        files["checks.json"] = ("[\n" + ",\n".join(dumps(check) for check in checks) + "\n]\n").encode()
        for at, proof in enumerate(proofs, 1):
            files |= self._excerpts(proof, f"excerpts/{at:02}")
        if asked.stamp is not None:
            files[verify.STAMP] = asked.stamp(files["checkpoint.txt"])
        source = self._definitions.get(asked.update.rpartition("/")[0])
        if source is not None:
            files["definition.json"] = (dumps(source) + "\n").encode()
        files["README.txt"] = _readme(asked, proofs, source).encode()
        files["verify.py"] = resources.files("publish.packing").joinpath("verify.py").read_bytes()
        return verify.zipped(verify.sealed(files, {"update": asked.update, "made_at": asked.made_at}))

    def _proofs(self, asked: PackAsked) -> list[Proof]:
        update = self._views.update(asked.update, changes=MOST_FIGURES if asked.series is None else None)
        places = [(one.series, one.as_of) for one in update.changes if asked.series in (None, one.series)]
        if asked.series is not None and not places:
            PrintDesk(self._views, self._definitions, self._names).check(PrintPlace(asked.update, asked.series))
            raise UsageError(f"{asked.update} changes nothing in {asked.series!r}")
        return [self._views.proof(asked.update, series, as_of) for series, as_of in places[:MOST_FIGURES]]

    def _archived(self, ledger: PackedLedger) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for update in ledger.updates:
            found |= contents_of(self._archive, update)
        return {f"archive/{digest}": content for digest, content in found.items()}

    def _excerpts(self, proof: Proof, name: str) -> dict[str, bytes]:
        """The text around a figure, before and after: as a page, and as a picture where this machine has a font."""
        shots = [("Before", proof.old), ("After" if proof.old else "Stated", proof.new)]
        parts = [self._part(title, shot) for title, shot in shots if shot is not None and shot.text_sha256]
        head = f"{proof.change.series}, as of {proof.change.as_of}, {proof.update.update}"
        files = {f"{name}.html": _page(head, parts)}
        with contextlib.suppress(NoFontError):
            files[f"{name}.png"] = png(excerpt_svg(head, parts))
        return files

    def _part(self, title: str, shot: Shot) -> ExcerptPart:
        text = self._views.text(shot.text_sha256 or "") or ""
        spans = sorted((start, end) for start, end, _, _ in shot.spans)
        first = max(0, spans[0][0] - AROUND) if spans else 0
        last = min(len(text), spans[-1][1] + AROUND) if spans else min(len(text), 2 * AROUND)
        told = f"{title}: {shot.update}, {shot.url or ''}, known {shot.known_at}, text {shot.text_sha256}"
        return ExcerptPart(told, text[first:last], tuple((start - first, end - first) for start, end in spans))


def _page(head: str, parts: Sequence[ExcerptPart]) -> bytes:
    """An excerpt as a page that loads and runs nothing."""
    head = html.escape(head)
    body = "\n".join([f"<h1>{head}</h1>", *map(_shown, parts)])
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<title>{head}</title>
{body}
</html>
""".encode()


def _shown(part: ExcerptPart) -> str:
    made, at = "", 0
    for start, end in part.spans:
        made += html.escape(part.text[at:start]) + f"<mark>{html.escape(part.text[start:end])}</mark>"
        at = max(at, end)
    made += html.escape(part.text[at:])
    return f"<h2>{html.escape(part.title)}</h2>\n<pre dir=auto>{made}</pre>"


def _bases(proof: Proof) -> Iterator[str]:
    """The updates that a figure is counted from: by the ledger, and by its report."""
    if proof.old is not None:
        yield proof.old.update
    if proof.change.stated is not None and proof.change.stated.baseline is not None:
        yield proof.change.stated.baseline.update


def _ledger_files(ledger: PackedLedger) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    index: dict[str, dict[str, str]] = {}
    for update in ledger.updates:
        content = f"updates/{update.name.replace('/', '_')}.txt"
        files[content], index[update.name] = update.content, {"content": content, "source": update.source}
    files["updates.json"] = verify.written(index)
    files["chains.json"] = verify.written(
        {source: [row._asdict() for row in rows] for source, rows in ledger.chains.items()}
    )
    files["checkpoint.txt"] = (ledger.checkpoint + "\n").encode()
    return files


def _figure(proof: Proof) -> dict[str, Any]:
    """A figure as the verifier compares it with what its update records."""
    change = proof.change
    figure = change.new
    base = None
    if change.old is not None and proof.old is not None and change.old.value is not None:
        base = {"update": proof.old.update, "as_of": change.old.as_of or change.as_of, "content": change.old.content}
    exact = base is not None and figure is not None and _is_exact(change)
    return {
        "update": proof.update.update,
        "series": change.series,
        "as_of": change.as_of,
        "content": figure.content if figure else None,
        "held": change.held,
        "number_text": figure.number_text if figure and _in_text(proof) else "",
        "start": figure.start if figure else 0,
        "end": figure.end if figure else 0,
        "base": base,
        "difference": plain(change.difference) if exact and change.difference is not None else None,
    }


def _is_exact(change: Change) -> bool:
    return all(one is not None and one.qualifier == "exact" for one in (change.old, change.new))


def _in_text(proof: Proof) -> bool:
    """Whether the number's own words stand in the text at its place."""
    return proof.new is not None and bool(proof.new.text_sha256) and bool(proof.new.spans)


def _readme(asked: PackAsked, proofs: list[Proof], source: Source | None) -> str:
    told = "\n".join(
        f"  {one.change.series}, as of {one.change.as_of}: {one.change.new.content if one.change.new else 'withdrawn'}"
        for one in proofs
    )
    more = f"\n  (the first {MOST_FIGURES}; name a series for another)" if len(proofs) == MOST_FIGURES else ""
    publisher = f"{source.title}, {source.publisher.name}" if source else asked.update.rpartition("/")[0]
    return f"""Evidence of {asked.update}: {publisher}
Made by Tallybook at {asked.made_at}.

{told}{more}

  python verify.py          in this folder, with nothing but Python, offline: says whether all of it still agrees
  python verify.py --against "tallybook-checkpoint 1 ..."    also with a checkpoint that was kept elsewhere

archive/        the bytes as they were fetched, the text derived from them, a picture where one was drawn; each named by
                its SHA-256. They are the publisher's, and may name people: pass them on only to who may read them.
excerpts/       the text around each figure, marked, as a page, and as a picture (none where the machine had no font)
figures.json    the figures, what each is counted from, and the difference
checks.json     what was open about each when the pack was made, and sentences to print
updates/        what each update records, as its content digest covers it, its reader among it; updates.json lists them
chains.json     every update of the sources, from the first to the newest, each digest over the one before
checkpoint.txt  all sources' newest updates when the pack was made
checkpoint.tsr  somebody else's time stamp on that file (RFC 3161), where one was asked for
definition.json how the source was defined when the pack was made
MANIFEST.json   the digest of every file
"""
