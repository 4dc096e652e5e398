"""What machines ask: whether the process lives, whether it can work, and how it stands. No login is asked for."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter
from fastapi.responses import Response

from review.answers import JSON
from review.guard import Asked

router = APIRouter(tags=["server"])

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/livez")
def livez() -> dict[str, Any]:
    """That the process answers; nothing else is looked at."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "Something keeps us from recording.", "content": {JSON: {}}}})
def readyz(office: Asked) -> Response:
    """Whether ledger, schema and archive let anything be recorded; 503 with what is wrong where they do not."""
    wrong = office.wrong()
    told = {"status": "unready", "wrong": wrong} if wrong else {"status": "ok"}
    return Response(msgspec.json.encode(told), 503 if wrong else 200, media_type=JSON)


@router.get("/metrics", response_class=Response)
def metrics(office: Asked) -> Response:
    """Numbers for a Prometheus: sources by state, holds, what was missed, the last backup; no names."""
    return Response(office.metrics(), media_type=PROMETHEUS)
