"""Old copies out of a git history: who scrapes with git today has a source's whole past in one repository.

Git reads objects and nothing else: hooks, filters, file monitors, pagers, signatures, external diffs and fetching on
demand are off, so that a repository's own settings run nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from flows.past.clocks import refuse_to_come
from flows.past.manifest import Copy
from model import UsageError, instant, now

_SAFE = (
    "--no-pager", "--literal-pathspecs", "--no-replace-objects",
    "-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
    "-c", "log.showSignature=false", "-c", "diff.orderFile=/dev/null",
    "-c", "core.attributesFile=/dev/null", "-c", "diff.renameLimit=0", "-c", "maintenance.auto=false",
)  # fmt: skip
_LOG = (
    "log", "-z", "--raw", "--no-abbrev", "--format=%x01%H %ct", "--first-parent", "--diff-merges=first-parent",
    "--follow", "--find-renames", "--topo-order", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-color",
    "--no-mailmap", "--end-of-options", "HEAD", "--",
)  # fmt: skip
_FILES = ("100644", "100755")


class _FileVersion(NamedTuple):
    """A file's content in one commit: committer time (seconds since 1970, UTC), commit and blob."""

    at: int
    commit: str
    blob: str


def read_history(repository: Path, file: str) -> list[Copy]:
    """Read the versions of one file from a local repository's checked-out branch, parents before children.

    Each version that differs from the one before is a copy, known at its committer date, or at its parent's where that
    is later: clocks err, the branch does not. Renames are followed; a
    merge counts as one step of the branch. Raises `UsageError` when git is missing, the folder is no repository, it
    has no such file, or it lacks objects.
    """
    _git(repository, "rev-parse", "--git-dir")
    versions = list(_versions(repository, file))
    versions.reverse()
    versions = _distinct(_in_order(versions))
    if not versions:
        raise UsageError(f"{repository}: no commit of its branch has a file {file!r}", "name it from the repository")
    digests = _digests(repository, [version.blob for version in versions])
    return [
        Copy(
            name=f"{version.commit[:12]}:{file}",
            fetched_at=instant(_time(version, repository)),
            published=None,
            sha256=digests[version.blob],
            read=partial(_git, repository, "cat-file", "blob", version.blob),
        )
        for version in versions
    ]


def _versions(repository: Path, file: str) -> Iterator[_FileVersion]:
    """The file's contents, newest commit first, back to where it was added."""
    for entry in _git(repository, *_LOG, file).decode(errors="surrogateescape").split("\x01")[1:]:
        head, _, diff = entry.partition("\0")
        commit, at = head.split()
        if not diff.strip("\n\0"):
            continue
        _, mode, _, blob, status = diff.lstrip("\n").split("\0")[0].lstrip(":").split()
        if mode in _FILES:
            yield _FileVersion(int(at), commit, blob)
        if status.startswith("C"):
            return  # git goes on to the file that it was copied from, which is another one


def _in_order(versions: Sequence[_FileVersion]) -> list[_FileVersion]:
    times = accumulate((version.at for version in versions), max)
    return [version._replace(at=at) for version, at in zip(versions, times, strict=True)]


def _distinct(versions: Sequence[_FileVersion]) -> list[_FileVersion]:
    before = [None, *(version.blob for version in versions)]
    return [version for version, last in zip(versions, before, strict=False) if version.blob != last]


def _time(version: _FileVersion, repository: Path) -> dt.datetime:
    where = f"{repository}: commit {version.commit}"
    try:
        at = dt.datetime.fromtimestamp(version.at, dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"{where} has an impossible date") from None
    refuse_to_come(instant(at), now(), where)
    return at


def _digests(repository: Path, blobs: Sequence[str]) -> dict[str, str]:
    """The SHA-256 of each blob's bytes, read by one git."""
    process = subprocess.Popen(
        _command(repository, "cat-file", "--batch"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    found: dict[str, str] = {}
    with process:
        for blob in dict.fromkeys(blobs):
            process.stdin.write(blob.encode() + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline().split()
            if len(answer) != 3:
                raise UsageError(f"{repository}: the object {blob} is missing", "the clone is partial or damaged")
            found[blob] = hashlib.sha256(process.stdout.read(int(answer[2]))).hexdigest()
            process.stdout.read(1)
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
