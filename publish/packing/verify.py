"""Does this evidence pack still prove what it says? Needs Python alone, and no network.

    python verify.py [PACK.zip | FOLDER] [--against "tallybook-checkpoint …"]

Every file is what the manifest says, and there is no other. What each update records is what its content digest says,
its release and text are those that it names, and its place in its source's chain follows from all updates before it, up
to the newest, which is the one in the checkpoint. Each figure stands in its update, at its place in the text, and its
difference follows from the two values. A checkpoint that was kept elsewhere (--against) shows besides that nobody made
the pack and its chains anew.
"""

import base64
import hashlib
import io
import json
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

Files = dict[str, bytes]
"""The files of a pack, by name."""

FORM = "tallybook-pack 1"
MANIFEST, SEAL = "MANIFEST.json", "MANIFEST.sha256"
EPOCH = (1980, 1, 1, 0, 0, 0)


def sha256(content: bytes) -> str:
    """The SHA-256 of bytes, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def written(value: Any) -> bytes:
    """JSON as the pack has it: one spelling of each value."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def zipped(files: Files) -> bytes:
    """The files as a ZIP, always the same bytes: in order of their names, stored, without times."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def sealed(files: Files, told: dict[str, Any]) -> Files:
    """The files with a manifest of them, and the manifest's digest; `told` is what else the manifest says."""
    listed = {name: sha256(content) for name, content in files.items()}
    manifest = written({**told, "form": FORM, "files": listed})
    return {**files, MANIFEST: manifest, SEAL: (sha256(manifest) + "\n").encode()}


def opened(content: bytes) -> tuple[Files, list[str]]:
    """The files of a zipped pack by name, and what is wrong with its ZIP."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return files, [] if zipped(files) == content else ["the ZIP is not the one that was written"]


def problems(path: Path, against: str | None = None) -> list[str]:
    """What is wrong with a pack: a ZIP, or the folder that it was unpacked into."""
    if not path.is_dir():
        return problems_of(path.read_bytes(), against)
    found = [one for one in path.rglob("*") if one.is_file() and "__pycache__" not in one.parts]
    return problems_in({one.relative_to(path).as_posix(): one.read_bytes() for one in found}, against)


def problems_of(content: bytes, against: str | None = None) -> list[str]:
    """What is wrong with a pack as the bytes of its ZIP."""
    try:
        files, found = opened(content)
    except Exception as error:  # whatever an altered ZIP leads to, it is no pack any more
        return [f"the pack cannot be read: {type(error).__name__}: {error}"]
    return found or problems_in(files, against)


def problems_in(files: Files, against: str | None = None) -> list[str]:
    """A sentence for everything that is not as it was packed; none where the pack proves what it says."""
    try:
        return listed(files) or proved(files, against)
    except Exception as error:  # as above
        return [f"the pack cannot be read: {type(error).__name__}: {error}"]


def listed(files: Files) -> list[str]:
    """What is not as the manifest says."""
    manifest = files[MANIFEST]
    told = json.loads(manifest)
    found = [] if files[SEAL] == (sha256(manifest) + "\n").encode() else ["the manifest is not the one that was sealed"]
    if written(told) != manifest or told.get("form") != FORM:
        found.append("the manifest is of another form")
    known = {*told["files"], MANIFEST, SEAL}
    found += [f"{name}: missing" for name in sorted(known - set(files))]
    found += [f"{name}: does not belong to the pack" for name in sorted(set(files) - known)]
    there = {name: digest for name, digest in told["files"].items() if name in files}
    return found + [f"{name}: altered" for name, digest in there.items() if sha256(files[name]) != digest]


def proved(files: Files, against: str | None) -> list[str]:
    """What does not follow from the digests and the chains."""
    index = json.loads(files["updates.json"])
    chains = json.loads(files["chains.json"])
    found = [problem for source, rows in chains.items() for problem in broken(source, rows)]
    contents = {}
    for name, update in index.items():
        contents[name] = content_of(files[update["content"]])
        found += update_problems(name, update, files, chains, contents[name])
    heads = {source: (rows[-1]["number"], rows[-1]["chain_digest"]) for source, rows in chains.items()}
    found += checkpoint_problems(files["checkpoint.txt"].decode(), heads)
    if against:
        found += against_problems(against, chains)
    for figure in json.loads(files["figures.json"])["figures"]:
        found += figure_problems(figure, files, contents)
    return found


def broken(source: str, rows: list[Any]) -> list[str]:
    """Where a chain does not follow from its beginning."""
    before = ""
    for row in rows:
        if sha256(f"{before}\n{row['content_digest']}\n{row['recorded_at']}".encode()) != row["chain_digest"]:
            return [f"{source}/{row['number']}: its chain digest does not follow from the update before it"]
        before = row["chain_digest"]
    numbers = [row["number"] for row in rows]
    return [] if numbers == list(range(numbers[0], numbers[0] + len(rows))) else [f"{source}: an update is missing"]


def content_of(content: bytes) -> dict[str, Any]:
    """What an update records: its head, and its rows by table."""
    head, *rest = content.decode().split("\n")
    return {
        "head": json.loads(head, parse_float=Decimal),
        **{name: json.loads(rows, parse_float=Decimal) for name, rows in zip(rest[::2], rest[1::2], strict=True)},
    }


def update_problems(name: str, update: Any, files: Files, chains: Any, content: Any) -> list[str]:
    """Whether an update's content, chain and release are those that it says."""
    number = name.rpartition("/")[2]
    rows = {row["number"]: row for row in chains[update["source"]]}
    found = []
    if sha256(files[update["content"]]) != rows[int(number)]["content_digest"]:
        found.append(f"{name}: what it records is not what its content digest says")
    for what, digest in zip(("release", "text", "picture"), content["head"]["snapshot"] or (), strict=False):
        stored = f"archive/{digest}"
        if stored not in files or sha256(files[stored]) != digest:
            found.append(f"{name}: its {what} is not the one that was read")
    return found


def figure_problems(figure: Any, files: Files, contents: dict[str, Any]) -> list[str]:
    """Whether a figure stands in its update and text, and its difference follows."""
    name, place = figure["update"], (figure["series"], figure["as_of"])
    row = row_of(contents[name], place)
    if row is None or row[3] != figure["content"] or bool(row[4]) != figure["held"]:
        return [f"{name}: {place[0]} as of {place[1]} is not what it records"]
    found = []
    text = contents[name]["head"]["snapshot"]
    if text and figure["number_text"] and figure["end"]:
        there = files[f"archive/{text[1]}"].decode(errors="replace")[figure["start"] : figure["end"]]
        if there != figure["number_text"] or (figure["start"], figure["end"]) != (row[7], row[8]):
            found.append(f"{name}: “{figure['number_text']}” does not stand in the text where it says")
    return found + base_problems(figure, contents)


def base_problems(figure: Any, contents: dict[str, Any]) -> list[str]:
    """Whether a figure is counted from what an update records, and differs from it by as much as it says."""
    base, name = figure["base"], figure["update"]
    if not base or base["update"] not in contents:
        return []
    before = row_of(contents[base["update"]], (figure["series"], base["as_of"]))
    if before is None or before[3] != base["content"]:
        return [f"{name}: what {figure['series']} is counted from is not what {base['update']} records"]
    by = figure["difference"]
    if by is not None and Decimal(figure["content"]) - Decimal(base["content"]) != Decimal(by):
        return [f"{name}: the difference of {figure['series']} does not follow from its values"]
    return []


def row_of(content: Any, place: tuple[str, str]) -> Any:
    """The version of an observation in an update."""
    return next((row for row in content["versions"] if (row[0], row[1]) == place), None)


def checkpoint_problems(line: str, heads: dict[str, tuple[int, str]]) -> list[str]:
    """Whether the checkpoint is sound and its heads are where the chains end."""
    kept = {source: (number, chain) for source, number, chain in checkpoint(line)}
    return [
        f"{source}: its chain does not end where the checkpoint says"
        for source in heads
        if "~" not in source and kept.get(source) != heads[source]
    ]


def against_problems(line: str, chains: Any) -> list[str]:
    """Whether a checkpoint that was kept elsewhere knows the same updates."""
    found = []
    for source, number, chain in checkpoint(line):
        rows = {row["number"]: row["chain_digest"] for row in chains.get(source, ())}
        if rows and number in rows and rows[number] != chain:
            found.append(f"{source}/{number}: the checkpoint that was kept knows another update here")
        if rows and number > max(rows):
            found.append(f"{source}/{number}: the checkpoint that was kept knows it, and the pack ends before")
    return found


def checkpoint(line: str) -> list[tuple[str, int, str]]:
    """The heads of a checkpoint line: (source, number, chain digest)."""
    words = line.split()
    heads = [
        (source, number, chain.hex())
        for source, number, chain in unpacked(io.BytesIO(base64.b64decode(words[7], altchars=b"-_", validate=True)))
    ]
    digest = sha256(json.dumps(sorted(map(list, heads)), ensure_ascii=False, separators=(",", ":")).encode())
    told = f"{len(heads)} sources {sum(head[1] for head in heads)} updates"
    if words[:2] != ["tallybook-checkpoint", "1"] or words[2] != digest or " ".join(words[3:7]) != told:
        raise ValueError("the checkpoint line is damaged")
    return heads


# The kinds of MessagePack that a checkpoint has: how many bytes say the length (or the number), and of what.
SIZED = {
    0xCC: (1, "number"), 0xCD: (2, "number"), 0xCE: (4, "number"), 0xCF: (8, "number"), 0xDC: (2, "list"),
    0xDD: (4, "list"), 0xD9: (1, "text"), 0xDA: (2, "text"), 0xC4: (1, "bytes"), 0xC5: (2, "bytes"),
}  # fmt: skip


def unpacked(stream: io.BytesIO) -> Any:
    """Read one value of MessagePack: lists, texts, bytes and whole numbers, as a checkpoint has them."""
    first = stream.read(1)[0]
    if first < 0x80:
        return first
    if first in SIZED:
        width, kind = SIZED[first]
        size = int.from_bytes(stream.read(width), "big")
    else:
        size, kind = (first & 0x0F, "list") if first & 0xF0 == 0x90 else (first & 0x1F, "text")
    if kind == "number":
        return size
    if kind == "list":
        return [unpacked(stream) for _ in range(size)]
    return stream.read(size).decode() if kind == "text" else stream.read(size)


def main(arguments: list[str]) -> int:
    """Print what is wrong, or that nothing is; 0 where nothing is."""
    against = None
    if "--against" in arguments:
        at = arguments.index("--against")
        against, arguments = arguments[at + 1], arguments[:at] + arguments[at + 2 :]
    found = problems(Path(arguments[0]) if arguments else Path(__file__).parent, against)
    print("\n".join(found) or "verified: every file, digest, chain and figure of this pack agrees")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
