"""Where reports come from: definitions, the catalogue that checks them, fetching."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sources.blocked import blocked_reason
from sources.catalogue.folder import SHIPPED, Catalogue, check, load_definition
from sources.forms import refuse_garbled, refuse_wrong_form
from sources.web.addresses import public_url

if TYPE_CHECKING:
    from sources.web.fetch import Fetcher
    from sources.web.hosts import Manners

__all__ = [
    "SHIPPED",
    "Catalogue",
    "Fetcher",
    "Manners",
    "blocked_reason",
    "check",
    "load_definition",
    "public_url",
    "refuse_garbled",
    "refuse_wrong_form",
]


def __getattr__(name: str) -> Any:
    # Reading commands want the catalogue alone, and requests costs a fifth of a second to import.
    if name == "Fetcher":
        from sources.web.fetch import Fetcher

        return Fetcher
    if name == "Manners":
        from sources.web.hosts import Manners

        return Manners
    raise AttributeError(f"module 'sources' has no attribute {name!r}")
