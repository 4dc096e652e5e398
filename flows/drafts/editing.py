"""Editing definitions from the review page: what is wrong at which line, what it would read, and never over another's.

What a terminal may do is not all that a page may: a text that names a secret or a host that is not public is not
written from here, since whoever logs in would else reach what only this machine can.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from extractors.statement import HandedIn
from flows.desk import Desk
from flows.drafts.comparing import compare_readings
from flows.drafts.definitions import UNWRITABLE, digest_of, read_draft, sound, write_definition
from flows.drafts.trying import enable_source, try_live
from flows.past.by_hand import record_by_hand
from model import DefinitionError, Source, UsageError, day_of, now
from sources import SHIPPED
from sources.catalogue.written import DryRun, WrittenDefinition
from storage import Recorded

_PAUSED = re.compile(r"(?m)^paused:[^\n]*\n?(?:[ \t]+[^\n]*\n?)*")


class DefinitionEditor:
    """The definitions of one desk, as the review page reads and writes them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def written(self, source_id: str) -> WrittenDefinition:
        """A definition as it is written now. Raises `UsageError` where there is none."""
        path = self._file(source_id)
        text = path.read_text(encoding="utf-8")
        target = self._target(source_id)
        told = f"It ships with Tallybook: what you save is a copy of your own at {target}, which is read instead."
        return WrittenDefinition(
            text, digest_of(text), str(target), told if path != target else "", self._refusal(target, text)
        )

    def problems(self, source_id: str, text: str) -> list[DefinitionError]:
        """Everything that is wrong with a text, by line."""
        return read_draft(source_id, _lines(text)).problems

    def dry_run(self, source_id: str, text: str) -> DryRun:
        """What a text would read otherwise in archived releases; nothing is written. Raises as `sound` does."""
        old = self.desk.newest_catalogue().get(source_id)
        return compare_readings(self.desk, old, sound(source_id, _lines(text)))

    def save(self, source_id: str, text: str, over: str, *, who: str, why: str) -> None:
        """Write a definition over the text whose digest is `over`, and who did into its history.

        Raises `DefinitionError` for one that is not sound, `MovedOnError` where the file was changed meanwhile, and
        `UsageError` where it may not be written from here.
        """
        text = _lines(text)
        now_there = self.written(source_id)
        if refusal := now_there.refusal or _reaches(self.desk, sound(source_id, text), text):
            raise UsageError(refusal, UNWRITABLE)
        write_definition(Path(now_there.file).parent, source_id, text, over=over)
        self._note(source_id, who, why)

    def pause(self, source_id: str, *, who: str, why: str) -> None:
        """Let a source's schedule rest until it is resumed. Raises as `save` does."""
        here = self.written(source_id)
        rest = msgspec.json.encode(f"{why} ({who}, {now()})").decode()
        text = _PAUSED.sub("", here.text).rstrip("\n") + f"\npaused: {rest}\n"
        self._rewrite(source_id, here, text, who=who, why=f"paused: {why}")

    def resume(self, source_id: str, *, who: str) -> None:
        """Let a source's schedule go on. Raises as `save` does."""
        here = self.written(source_id)
        self._rewrite(source_id, here, _PAUSED.sub("", here.text), who=who, why="resumed")

    def switch_on(self, source_id: str, *, who: str) -> None:
        """Read a source's live page, and switch it on where it reads; nothing is recorded.

        Raises `UsageError` where it does not read, or its definition cannot be written, and `FetchError`.
        """
        source = self.desk.newest_catalogue()[source_id]
        if refusal := _reaches(self.desk, source, self.written(source_id).text):
            raise UsageError(refusal, "at the terminal: tallybook sources try ID --enable")
        tried = try_live(self.desk, source)
        if tried.problems:
            raise UsageError("; ".join(tried.problems), "its page may have changed: edit the definition")
        enable_source(self.desk, source, day_of(tried.at, source.timezone))
        self._note(source_id, who, f"read live: {len(tried.figures)} figures")

    def _rewrite(self, source_id: str, here: WrittenDefinition, text: str, *, who: str, why: str) -> None:
        if not os.access(Path(here.file).parent, os.W_OK):
            raise UsageError(here.refusal, UNWRITABLE)
        write_definition(Path(here.file).parent, source_id, text, over=here.digest)
        self._note(source_id, who, why)

    def by_hand(self, source_id: str, given: HandedIn) -> Recorded:
        """Record a page that somebody saved. Raises as `flows.past.by_hand.record_by_hand` does."""
        (source,) = self.desk.newest_catalogue().require([source_id])
        self.desk.ready()
        return record_by_hand(self.desk, source, given)

    def _note(self, source_id: str, who: str, why: str) -> None:
        self.desk.note_definition(self.desk.newest_catalogue()[source_id], by=who, why=why)

    def _target(self, source_id: str) -> Path:
        return self.desk.settings.own_sources / f"{source_id}.yml"

    def _file(self, source_id: str) -> Path:
        catalogue = self.desk.newest_catalogue()
        broken = any(problem.id == source_id for problem in catalogue.problems)
        if source_id in catalogue or broken:
            for path in (self._target(source_id), SHIPPED / f"{source_id}.yml"):
                if path.is_file():
                    return path
        raise UsageError(f"no definition is written of a source {source_id!r}", "the page of all sources lists them")

    def _refusal(self, target: Path, text: str) -> str:
        """Why a definition may not be written from here; "" where it may."""
        there = next(one for one in (target.parent, *target.parent.parents) if one.exists())
        if not os.access(there, os.W_OK) or (target.exists() and not os.access(target, os.R_OK)):
            return f"{target.parent} cannot be written by the user that runs this page"
        if "${" in text:
            return "it names a secret of this machine: edit the file itself"
        return ""


def _lines(text: str) -> str:
    """A text as a file has it: browsers end the lines of a form otherwise."""
    return text.replace("\r\n", "\n").rstrip("\n") + "\n"


def _reaches(desk: Desk, source: Source, text: str) -> str:
    """Why a text may not be written from a page: it would reach what only this machine can; "" where it may."""
    if "${" in text:
        return "a text that names a secret of this machine is not written from here"
    if source.allow_private_addresses and not desk.settings.page_private:
        return "a source of a host that is not public is not written from here"
    return ""
