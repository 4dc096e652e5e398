"""The nouns that every part shares: immutable, exact, each with its JSON form. Imports nothing of the project."""

from model.checks import CheckResult, Result
from model.errors import (
    ArchiveError,
    BlockedError,
    DefinitionError,
    FetchError,
    LedgerError,
    TallybookError,
    UnreadableError,
    UsageError,
)
from model.figure import KINDS, QUALIFIERS, Content, Figure, Kind, Qualifier, read_content, write_content
from model.reading import Cell, Increment, Reading, SeriesRef, series_ref
from model.snapshot import Cause, Fetched, Snapshot, State
from model.source import (
    AsOf,
    Correction,
    Derived,
    Expect,
    Field,
    FigureRule,
    Listing,
    Match,
    Publisher,
    Reader,
    Schedule,
    SeriesRule,
    Source,
    Words,
)
from model.times import Day, Instant, day_of, days_between, instant, moment, now, parse_day, parse_instant
from model.update import (
    CHANGE_KINDS,
    Baseline,
    Change,
    ChangeKind,
    Group,
    Marks,
    Observation,
    Series,
    Stated,
    Status,
    Update,
    Verdict,
    Version,
    Why,
)
from model.wire import canonical, dumps, loads, plain

__all__ = [name for name in dir() if not name.startswith("_")]
