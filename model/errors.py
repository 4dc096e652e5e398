"""Errors that name the thing and say what to do; each carries the exit code of the command that meets it."""

from __future__ import annotations


class TallybookError(Exception):
    """Anything Tallybook refuses or fails to do, told in a sentence a person can act on."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(TallybookError):
    """The caller asked for something that does not exist or cannot be meant."""

    exit_code = 2


class MalformedError(UsageError):
    """What the caller wrote cannot be read as what it should be, such as a time outside of all calendars."""


class DefinitionError(UsageError):
    """A source definition is wrong; names file, line and key."""

    def __init__(self, message: str, *, file: str, line: int | None = None, key: str | None = None) -> None:
        where = file + (f":{line}" if line else "") + (f" {key}" if key else "")
        super().__init__(f"{where}: {message}")
        self.file, self.line, self.key = file, line, key

    @property
    def id(self) -> str:
        """The id of the source that is meant: its file's stem."""
        return self.file.rpartition("/")[2].rpartition(".")[0]


class FetchError(TallybookError):
    """A report could not be fetched; `reason` is a short name such as `timeout` or `too_large`.

    `content` is what was answered in its place, where something was.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        status: int | None = None,
        hint: str | None = None,
        content: bytes | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.reason, self.status, self.content = reason, status, content


class BlockedError(FetchError):
    """The publisher turned us away: refused, challenged, or asked for a login."""


class UnreadableError(TallybookError):
    """The bytes are no report of the promised form: empty, truncated or broken. Nothing is concluded from them.

    `reason` is a short name, as that of a `FetchError`.
    """

    def __init__(self, message: str, hint: str | None = None, *, reason: str = "unreadable") -> None:
        super().__init__(message, hint)
        self.reason = reason


class ArchiveError(TallybookError):
    """Archived bytes or text are missing, changed, or cannot be stored."""


class LedgerError(TallybookError):
    """The ledger refuses a step that would make it untrue."""


class OutageError(ArchiveError, LedgerError):
    """Our own archive or database cannot be reached or written: no publisher's doing, and no row of one's."""


class OlderReleaseError(LedgerError):
    """A release is older than the newest one recorded; another refresh may have been quicker."""


class MovedOnError(LedgerError):
    """Another process wrote to a source while what was about to be written was worked out; try again."""


class ClockError(LedgerError):
    """Our clock lies behind what the ledger holds: either it is wrong now, or it was wrong then."""
