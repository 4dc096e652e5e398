"""A time stamp by RFC 3161: somebody else's word that a checkpoint was there at a time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

import requests

from model import UsageError, public_url
from publish.packing import verify

SECONDS, MOST = 20.0, 64 * 1024
ASKED, ANSWERED = "application/timestamp-query", "application/timestamp-reply"
_SHA256 = bytes.fromhex("0609608648016503040201")

Stamp = Callable[[bytes], bytes]
"""Gives the answer of a time-stamp server for some bytes."""


def request_for(content: bytes, nonce: int) -> bytes:
    """What a time-stamp server is asked: a stamp, with its certificate, on the digest of some bytes."""
    digest = hashlib.sha256(content).digest()
    imprint = _der(0x30, _der(0x30, _SHA256 + _der(0x05, b"")) + _der(0x04, digest))
    return _der(0x30, _number(1) + imprint + _number(nonce) + _der(0x01, b"\xff"))


def stamped(content: bytes, url: str) -> bytes:
    """The answer of the time-stamp server at an address. Raises `UsageError` where it does not stamp these bytes."""
    nonce = secrets.randbits(63)
    where = f"the time-stamp server {public_url(url)}"
    try:
        with requests.Session() as session:
            session.trust_env = False  # no .netrc and no proxy of the surroundings
            answer = session.post(
                url, data=request_for(content, nonce), headers={"Content-Type": ASKED, "Accept": ANSWERED},
                timeout=SECONDS, allow_redirects=False, stream=True,
            )  # fmt: skip
            answer.raise_for_status()
            reply: bytes = answer.raw.read(MOST + 1, decode_content=True)
    except requests.RequestException as error:
        raise UsageError(f"{where} could not be asked: {type(error).__name__}") from None
    try:
        token, wrong = verify.stamp_of(reply[:MOST]), verify.stamp_problems(reply, content)
    except (ValueError, IndexError, StopIteration) as error:
        raise UsageError(f"{where} gave no time stamp: {error}") from None
    for one in wrong if token.nonce == nonce else ["it answers another question"]:
        raise UsageError(f"{where} stamped something else: {one}")
    return reply


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def _number(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1))
