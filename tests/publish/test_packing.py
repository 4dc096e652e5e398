"""An evidence pack verifies with Python alone, and whatever is altered in it is found."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest

from model import Instant, UsageError
from publish.names import SeriesNames
from publish.packing import verify
from publish.packing.excerpt import MARK, ExcerptPart, excerpt_svg
from publish.packing.pack import PackAsked, Packer
from publish.packing.stamp import Stamp, stamped
from storage import checkpoint
from storage.archive.redact import redact
from tests.publish.test_print_check import COUNT, say
from tests.publish.timestamps import TimeStampServer
from tests.storage.books import Book

NOW = Instant("2025-08-04T06:00:00Z")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """A count that was published three times, with names that JSON and HTML must escape."""
    book = Book(tmp_path_factory.mktemp("book"), COUNT)
    say(book, "2025-07-19T06:00:00Z", "2025-07-18", "By 18 July 119,154 “dead” are named <b>.", "119,154")
    say(book, "2025-08-02T06:00:00Z", "2025-07-31", "Загинули 121,507, на 2,353 більше.", "121,507", "2,353")
    say(book, "2025-08-03T06:00:00Z", "2025-08-01", "121,600 dead are named.", "121,600")
    yield book
    book.ledger.close()


def packed(book: Book, series: str | None = "count/dead", stamp: Stamp | None = None) -> bytes:
    """The pack of the second update."""
    definitions = {"count": COUNT}
    names = SeriesNames(book.ledger.views.refs(), definitions.get)
    return Packer(book.ledger.views, book.archive, definitions, names).pack(PackAsked("count/2", series, NOW, stamp))


@pytest.fixture(scope="module")
def pack(book: Book) -> bytes:
    with TimeStampServer() as server:
        return packed(book, stamp=partial(stamped, url=server.address))


@pytest.fixture(scope="module")
def plain_pack(book: Book) -> bytes:
    return packed(book)


def files_of(pack: bytes) -> dict[str, bytes]:
    """The files of a pack by name."""
    with zipfile.ZipFile(BytesIO(pack)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def resealed(files: dict[str, bytes]) -> bytes:
    """A pack of altered files, with a manifest that agrees with them."""
    told = json.loads(files.pop(verify.MANIFEST))
    files.pop(verify.SEAL)
    return verify.zipped(verify.sealed(files, {name: told[name] for name in ("update", "made_at")}))


def test_a_pack_verifies_offline_in_a_folder_with_nothing_but_python(pack: bytes, tmp_path: Path) -> None:
    for name, content in files_of(pack).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    run = [sys.executable, "-I", "-S", "verify.py"]
    done = subprocess.run(run, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    said, stamp, *rest = done.stdout.splitlines()
    assert said == "verified: every file, digest, chain and figure of this pack agrees"
    assert stamp == "checkpoint stamped at 2025-08-04T06:00:00Z, signed by the certificate in it"
    assert rest[0].startswith("not checked here: whose certificate that is")
    (tmp_path / "figures.json").write_bytes(b"{}")
    done = subprocess.run(run, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "figures.json: altered\n")


def test_a_pack_has_what_the_figure_rests_on(book: Book, pack: bytes, plain_pack: bytes) -> None:
    files = files_of(pack)
    (figure,) = json.loads(files["figures.json"])["figures"]
    assert (figure["content"], figure["base"]["content"], figure["difference"]) == ("121507", "119154", "2353")
    assert set(json.loads(files["updates.json"])) == {"count/1", "count/2"}
    assert len(json.loads(files["chains.json"])["count"]) == 3
    assert "<mark>121,507</mark>" in files["excerpts/01.html"].decode()
    assert "<b>" not in files["excerpts/01.html"].decode()
    assert json.loads(files["checks.json"])[0]["open"] == ["newer"]
    assert "SHA-256" in files["README.txt"].decode()
    assert packed(book) == plain_pack
    assert set(files_of(pack)) - set(files_of(plain_pack)) == {"checkpoint.tsr"}
    assert files["excerpts/01.png"].startswith(b"\x89PNG\r\n\x1a\n")
    assert verify.problems_of(packed(book, None)) == []


def test_a_picture_has_the_words_of_the_excerpt_and_marks_the_figures_own_across_lines() -> None:
    text = "one two <b>\n" + "long " * 30 + "Загинули 121,507 людей"
    start = text.index("121,507")
    svg = excerpt_svg("count/dead", [ExcerptPart("After: count/2", text, ((start, start + 7),))])
    words = [line.split(">", 1)[1].removesuffix("</text>") for line in svg.splitlines() if line.startswith("<text")]
    assert [one for one in words if "121,507" in one] == [f"{'long ' * 10}Загинули <tspan {MARK}>121,507</tspan> людей"]
    assert "one two &lt;b&gt;" in words
    assert max(map(len, words)) < 250


def flipped(content: bytes, chance: random.Random) -> bytes:
    """The bytes with one of them changed, taken out or put in, or cut, or with some twice."""
    at = chance.randrange(len(content))
    ways: list[Callable[[], bytes]] = [
        lambda: content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :],
        lambda: content[:at] + content[at + 1 :],
        lambda: content[:at] + bytes([chance.randrange(256)]) + content[at:],
        lambda: content[:at],
        lambda: content + content[at:],
    ]
    return chance.choice(ways)()


def altered(files: dict[str, bytes], chance: random.Random) -> dict[str, bytes]:
    """The files with one altered, missing, added, renamed, or changed for another."""
    fresh, name, other = dict(files), *chance.sample(sorted(files), 2)
    ways: list[Callable[[], object]] = [
        lambda: fresh.update({name: flipped(files[name], chance)}),
        lambda: fresh.pop(name),
        lambda: fresh.update({f"{name}x": files[name]}),
        lambda: fresh.update({f"archive/{hashlib.sha256(name.encode()).hexdigest()}": fresh.pop(name)}),
        lambda: fresh.update({name: files[other], other: files[name]}),
    ]
    chance.choice(ways)()
    return fresh


def unfound(pack: bytes, times: int) -> list[int]:
    """The seeds of alterations, of the ZIP and of its files by turns, that the verifier does not find."""
    files, missed = files_of(pack), []
    for seed in range(times):
        chance = random.Random(seed)
        if seed % 2:
            made, content = altered(files, chance), b""
            found = made == files or verify.problems_in(made)
        else:
            content = flipped(pack, chance)
            found = content == pack or verify.problems_of(content)
        missed += [] if found else [seed]
    return missed


def test_whatever_is_altered_in_a_pack_is_found(pack: bytes) -> None:
    assert verify.problems_of(pack) == []
    assert unfound(pack, 60) == []


@pytest.mark.long
def test_a_thousand_random_alterations_of_a_pack_are_found(pack: bytes) -> None:
    assert unfound(pack, 1000) == []


def test_a_figure_that_is_altered_with_its_manifest_does_not_agree_with_its_update(pack: bytes) -> None:
    for before, after, told in (
        (b'"121507"', b'"121508"', "is not what it records"),
        (b'"2353"', b'"2354"', "does not follow from its values"),
        (b'"119154"', b'"119155"', "is counted from is not what count/1 records"),
        (b"121,507", b"121,508", "does not stand in the text"),
    ):
        files = files_of(pack)
        assert before in files["figures.json"]
        files["figures.json"] = files["figures.json"].replace(before, after)
        (found, *_) = verify.problems_of(resealed(files))
        assert told in found


def test_an_update_that_is_altered_with_its_manifest_does_not_agree_with_its_chain(pack: bytes) -> None:
    files = files_of(pack)
    for name in ("updates/count_2.txt", "figures.json"):
        files[name] = files[name].replace(b"121507", b"121508").replace(b'"2353"', b'"2354"')
    assert verify.problems_of(resealed(files)) == ["count/2: what it records is not what its content digest says"]


def test_a_pack_that_is_forged_from_its_first_update_on_is_found_by_a_checkpoint_kept_elsewhere(
    book: Book, tmp_path: Path
) -> None:
    kept = checkpoint(book.ledger.engine)
    forged = Book(tmp_path, COUNT)
    say(forged, "2025-07-19T06:00:00Z", "2025-07-18", "By 18 July 119,000 dead are named.", "119,000")
    say(forged, "2025-08-02T06:00:00Z", "2025-07-31", "Загинули 121,507 людей.", "121,507")
    made = packed(forged)
    assert verify.problems_of(made) == []
    found = verify.problems_of(made, kept)
    assert found == ["count/3: the checkpoint that was kept knows it, and the pack ends before"]
    say(forged, "2025-08-03T06:00:00Z", "2025-08-01", "121,600 dead are named.", "121,600")
    found = verify.problems_of(packed(forged), kept)
    assert found == ["count/3: the checkpoint that was kept knows another update here"]
    assert verify.problems_of(packed(book), kept) == []


def test_a_time_stamp_is_of_this_checkpoint_and_as_it_was_signed(pack: bytes) -> None:
    files = files_of(pack)
    reply, line = files[verify.STAMP], files["checkpoint.txt"]
    assert verify.stamp_problems(reply, line) == []
    for before, after, told in (
        (b"20250804060000Z", b"20240804060000Z", "what the time stamp says is not what was signed"),
        (hashlib.sha256(line).digest(), bytes(32), "the time stamp is of another checkpoint"),
    ):
        assert told in verify.problems_of(resealed({**files, verify.STAMP: reply.replace(before, after)}))
    signature = verify.stamp_of(reply).signature
    other = reply.replace(signature, signature[:-1] + bytes([signature[-1] ^ 1]))
    told = verify.problems_of(resealed({**files, verify.STAMP: other}))
    assert told == ["the signature of the time stamp is not by the certificate in it"]


def test_a_server_that_stamps_other_bytes_or_nothing_is_not_believed_and_another_key_is_told() -> None:
    with TimeStampServer(elliptic=True) as server:
        reply = stamped(b"a line\n", server.address)
        assert (verify.stamp_problems(reply, b"a line\n"), verify.is_signed(verify.stamp_of(reply))) == ([], None)
        assert "is not checked here: no RSA" in verify.stamp_told({verify.STAMP: reply})
        server.lies = True
        with pytest.raises(UsageError, match="of another checkpoint"):
            stamped(b"a line\n", server.address)
        server.refuses = True
        with pytest.raises(UsageError, match="refused to stamp"):
            stamped(b"a line\n", server.address)
    with pytest.raises(UsageError, match="could not be asked"):
        stamped(b"a line\n", server.address)


def test_what_was_redacted_is_not_packed(tmp_path: Path) -> None:
    book = Book(tmp_path, COUNT)
    say(book, "2025-07-19T06:00:00Z", "2025-07-18", "119,154 dead.", "119,154")
    digest = say(book, "2025-08-02T06:00:00Z", "2025-07-31", "121,507 dead.", "121,507")
    redact(book.ledger.engine, book.archive, digest, by="Ann", why="a name", at=NOW)
    with pytest.raises(UsageError, match="redacted"):
        packed(book)
    with pytest.raises(UsageError, match="no series"):
        packed(book, "count/wounded")
