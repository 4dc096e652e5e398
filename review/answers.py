"""Answers that a client may keep: each with an ETag over its content."""

from __future__ import annotations

import hashlib

import msgspec
from fastapi import Request
from fastapi.responses import Response

JSON = "application/json"


def problem(status: int, message: str) -> Response:
    """An error as JSON: what it is, and what to do."""
    return Response(msgspec.json.encode({"status": status, "detail": message}), status, media_type=JSON)


def answered(request: Request, content: bytes, media_type: str, headers: dict[str, str] | None = None) -> Response:
    """The content with its ETag, or 304 where the client has it already."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    given = {"ETag": etag, "Vary": "Cookie", **(headers or {})}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if etag in known or known == ["*"]:
        return Response(status_code=304, headers=given)
    return Response(content, media_type=media_type, headers=given)
