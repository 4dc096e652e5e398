"""Old copies out of a git history: who scrapes with git today has a source's whole past in one repository.

Git reads objects and nothing else: hooks, filters, file monitors, pagers, signatures, external diffs and fetching on
demand are off, so that a repository's own settings run nothing. One git lists the versions, and one reads them all.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import re
import subprocess
import threading
import weakref
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from flows.past.clocks import refuse_to_come
from flows.past.manifest import Copy
from model import Day, UsageError, instant, now

_SAFE = (
    "--no-pager", "--no-replace-objects",
    "-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
    "-c", "log.showSignature=false", "-c", "diff.orderFile=/dev/null",
    "-c", "core.attributesFile=/dev/null", "-c", "diff.renameLimit=0", "-c", "maintenance.auto=false",
)  # fmt: skip
_LOG = (
    "log", "-z", "--raw", "--no-abbrev", "--format=%x01%H %ct %at", "--first-parent", "--diff-merges=first-parent",
    "--topo-order", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-color", "--no-mailmap",
)  # fmt: skip
_FOLLOWED, _ALONE = ("--follow", "--find-renames"), ("--no-renames",)
_FILES = ("100644", "100755")
_DAY = re.compile(r"(?<!\d)(\d{4})[-_./]?(\d\d)[-_./]?(\d\d)(?!\d)")


class GitWishes(msgspec.Struct, frozen=True, kw_only=True):
    """Which versions of a repository are copies.

    `revisions` is a branch, a tag, a commit, or a range of them (`v1..main`), HEAD where empty. Copies are known at the
    `date` of their commit's committer or author. With `files` what is named is a pattern of git's for many files, each
    a release of its own (`**/` any folders, `*` within one). The day of publication is the one that the page states, or
    the file's name (year first); where it is not said which, of many files the name's, else the page's.
    """

    revisions: str = ""
    date: Literal["committer", "author"] = "committer"
    files: bool = False
    published: Literal["", "page", "name"] = ""

    def day(self, file: str) -> Day | None:
        """The day that a file's name gives it, where names do."""
        return _day_of_name(file) if self.published == "name" or (self.files and not self.published) else None

    @property
    def article(self) -> bool:
        """Whether the page itself gives its day where nothing else does."""
        return self.published == "page" or (self.files and not self.published)


PLAIN = GitWishes()


class _FileVersion(NamedTuple):
    """A file's content in one commit: the commit's time (seconds since 1970, UTC), its hash, file and blob."""

    at: int
    commit: str
    file: str
    blob: str


def read_history(repository: Path, file: str, wishes: GitWishes = PLAIN) -> list[Copy]:
    """Read the versions of a file, or of many, from a local repository's history, parents before children.

    Each version that differs from the one before is a copy, known at its commit's date, or at its parent's where that
    is later: clocks err, the branch does not. Of one file renames are followed, where the clone holds what that takes.
    A merge counts as one step of the branch. A partial or shallow clone will do where it holds the versions themselves.
    Raises `UsageError` when git is missing, the folder is no repository, it has no such file or revisions, or it lacks
    versions.
    """
    _git(repository, "rev-parse", "--git-dir")
    versions = _distinct(_in_order(list(_versions(repository, file, wishes))[::-1]))
    if not versions:
        what = f"no commit of {wishes.revisions or 'its branch'} has a file {file!r}"
        raise UsageError(f"{repository}: {what}", "name it from the repository")
    objects = _Objects(repository)
    digests = _digests(objects, repository, [version.blob for version in versions])
    return [
        Copy(
            name=f"{version.commit}:{version.file}",
            fetched_at=instant(_time(version, repository)),
            published=wishes.day(version.file),
            article=wishes.article,
            sha256=digests[version.blob],
            read=partial(objects.content, version.blob),
        )
        for version in versions
    ]


def _versions(repository: Path, file: str, wishes: GitWishes) -> Iterator[_FileVersion]:
    """The contents, newest commit first; of one file back to where it was added."""
    for entry in _log(repository, file, wishes).split("\x01")[1:]:
        head, _, diff = entry.partition("\0")
        commit, committed, authored = head.split()
        at = int(authored if wishes.date == "author" else committed)
        changed = list(_changed(diff.lstrip("\n")))
        # What is later in the list is earlier in the history, so that the files of a commit keep their order.
        for _, mode, blob, name in reversed(changed):
            if mode in _FILES:
                yield _FileVersion(at, commit, name if wishes.files else file, blob)
        if not wishes.files and any(status.startswith("C") for status, *_ in changed):
            return  # git goes on to the file that it was copied from, which is another one


def _changed(diff: str) -> Iterator[tuple[str, str, str, str]]:
    """What one commit changed: (status, mode, blob, name) of each file as the commit leaves it."""
    parts = iter(diff.split("\0"))
    for part in parts:
        if not part.startswith(":"):
            continue
        _, mode, _, blob, status = part.lstrip(":").split()
        name = next(parts, "")
        yield status, mode, blob, next(parts, name) if status[0] in "RC" else name


def _log(repository: Path, file: str, wishes: GitWishes) -> str:
    """What git lists. A clone that lacks what following renames takes is asked for the file under this name alone."""
    revisions = _revisions(repository, wishes.revisions)
    if wishes.files:
        listed = _git(repository, "--glob-pathspecs", *_LOG, *_ALONE, "--end-of-options", revisions, "--", file)
        return listed.decode(errors="surrogateescape")
    asked = (revisions, "--", file)
    try:
        listed = _git(repository, "--literal-pathspecs", *_LOG, *_FOLLOWED, "--end-of-options", *asked)
    except UsageError:
        listed = _git(repository, "--literal-pathspecs", *_LOG, *_ALONE, "--end-of-options", *asked)
    return listed.decode(errors="surrogateescape")


def _revisions(repository: Path, wished: str) -> str:
    """The revisions by the hashes of their commits, so that a name that looks like an option is none."""
    if not wished:
        return "HEAD"
    parts = wished.split("..")
    if len(parts) > 2 or "" in parts:
        raise UsageError(f"{wished!r} names no revisions", "write a branch, a tag, a commit, or a range (v1..main)")
    return "..".join(_commit(repository, one) for one in parts)


def _commit(repository: Path, wished: str) -> str:
    try:
        found = _git(repository, "rev-parse", "--verify", "--end-of-options", f"{wished}^{{commit}}")
    except UsageError:
        told = f"{repository}: there is no branch, tag or commit {wished!r}"
        raise UsageError(told, "fetch it, or write origin/…") from None
    return found.decode().strip()


def _in_order(versions: Sequence[_FileVersion]) -> list[_FileVersion]:
    times = accumulate((version.at for version in versions), max)
    return [version._replace(at=at) for version, at in zip(versions, times, strict=True)]


def _distinct(versions: Sequence[_FileVersion]) -> list[_FileVersion]:
    last: dict[str, str] = {}
    found = []
    for version in versions:
        if last.get(version.file) != version.blob:
            found.append(version)
        last[version.file] = version.blob
    return found


def _time(version: _FileVersion, repository: Path) -> dt.datetime:
    where = f"{repository}: commit {version.commit}"
    try:
        at = dt.datetime.fromtimestamp(version.at, dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"{where} has an impossible date") from None
    refuse_to_come(instant(at), now(), where)
    return at


def _day_of_name(file: str) -> Day | None:
    """The one day that a file's name states, year first; None where it states none, or two."""
    days = set()
    for found in _DAY.finditer(file):
        try:
            days.add(dt.date(*map(int, found.groups())).isoformat())
        except ValueError:
            continue
    return Day(days.pop()) if len(days) == 1 else None


class _Objects:
    """The contents of a repository, all read by one git; several threads may ask."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def content(self, blob: str) -> bytes:
        """A blob's bytes. Raises `UsageError` where the clone lacks it."""
        if (found := self.find(blob)) is None:
            raise UsageError(f"{self._repository}: the object {blob} is missing", "the clone changed meanwhile")
        return found

    def find(self, blob: str) -> bytes | None:
        """A blob's bytes; None where the clone lacks it, which ends some versions of git."""
        with self._turn:
            try:
                return self._answer(self._process or self._start(), blob)
            except BrokenPipeError:
                self._process = None
                return None

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            _command(self._repository, "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        weakref.finalize(self, _end, self._process)
        return self._process

    def _answer(self, process: subprocess.Popen[bytes], blob: str) -> bytes | None:
        asked, answers = process.stdin, process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(blob.encode() + b"\n")
        asked.flush()
        answer = answers.readline().split()
        if not answer:
            raise BrokenPipeError
        if len(answer) != 3:
            return None
        content = answers.read(int(answer[2]))
        answers.read(1)
        return content


def _end(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if stream is not None:
                stream.close()
    process.wait()


MISSED = 20
"""After so many missing versions no more are looked for: each may cost a git."""


def _digests(objects: _Objects, repository: Path, blobs: Sequence[str]) -> dict[str, str]:
    """The SHA-256 of each blob's bytes. Raises `UsageError` where the clone lacks some."""
    found: dict[str, str] = {}
    lacking: list[str] = []
    for blob in dict.fromkeys(blobs):
        content = objects.find(blob)
        if content is not None:
            found[blob] = hashlib.sha256(content).hexdigest()
        elif len(lacking := [*lacking, blob]) >= MISSED:
            break
    if lacking:
        many = f"{len(lacking)}{' or more' if len(lacking) == MISSED else ''} of {len(set(blobs))} versions"
        raise UsageError(
            f"{repository}: the object {lacking[0]} is missing; {many} are",
            "the clone is partial or damaged: fetch them first, with git fetch --refetch --no-filter",
        )
    return found


def _git(repository: Path, *arguments: str) -> bytes:
    """Run git on a repository and return what it prints. Raises `UsageError` with git's own words."""
    try:
        done = subprocess.run(
            _command(repository, *arguments), capture_output=True, env=_environment(), stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise UsageError("git is not installed", "install it, or write a manifest of the copies") from None
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        reason = words[0].removeprefix("fatal: ") if words else f"git ended with {done.returncode}"
        raise UsageError(f"{repository}: {reason}", "--git names the folder of a local repository")
    return done.stdout


def _command(repository: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(repository), *_SAFE, *arguments]


def _environment() -> dict[str, str]:
    """The environment without git's own variables, which could name other repositories or programs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",  # unlike protocol.allow, no setting of the repository goes above it
        "LC_ALL": "C",
    }
