"""A checkpoint: one line to keep elsewhere, by which a cut or rewritten ledger is found out.

    tallybook-checkpoint 1 <SHA-256 of the heads> 8 sources 1234 updates <the heads, packed, in base64>

Whoever alters the database can compute its chains anew, but not those that a checkpoint has seen.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from model import LedgerError, UsageError
from storage.proof.digests import checkpoint_digest

MARK = "tallybook-checkpoint"
FORM = "1"


class Head(NamedTuple):
    """A source's newest update when the checkpoint was made: its number and its chain digest (hexadecimal)."""

    source: str
    number: int
    chain: str


@dataclass(frozen=True)
class Checkpoint:
    """The heads of all sources at one time."""

    heads: tuple[Head, ...]

    def line(self) -> str:
        """Write the checkpoint as one line of printable ASCII. Raises `LedgerError` where a head is no digest."""
        packed = msgspec.msgpack.encode([(one.source, one.number, _bytes(one)) for one in self.heads])
        updates = sum(one.number for one in self.heads)
        told = f"{len(self.heads)} sources {updates} updates"
        return f"{MARK} {FORM} {checkpoint_digest(self.heads)} {told} {base64.urlsafe_b64encode(packed).decode()}"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the last checkpoint line of a text. Raises `UsageError` when there is none, or it is damaged."""
        lines = [line.split() for line in text.splitlines() if MARK in line]
        if not lines:
            raise UsageError("there is no checkpoint line in it", "tallybook checkpoint prints one")
        words = lines[-1][lines[-1].index(MARK) :] if MARK in lines[-1] else []
        if len(words) != 8 or words[1] != FORM:
            raise UsageError("the checkpoint line is cut or of another form", f"it begins with {MARK} {FORM}")
        try:
            packed = msgspec.msgpack.decode(
                base64.b64decode(words[7], altchars=b"-_", validate=True), type=list[tuple[str, int, bytes]]
            )
        except (binascii.Error, msgspec.MsgspecError):
            raise UsageError("the checkpoint line is damaged: its heads cannot be read") from None
        heads = tuple(Head(source, number, chain.hex()) for source, number, chain in packed)
        if checkpoint_digest(heads) != words[2]:
            raise UsageError("the checkpoint line is damaged: its digest is not that of its heads")
        return cls(heads)


def _bytes(head: Head) -> bytes:
    try:
        return bytes.fromhex(head.chain)
    except ValueError:
        raise LedgerError(f"{head.source}/{head.number}: its chain digest is none", "run tallybook verify") from None
