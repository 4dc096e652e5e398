"""Where reports come from: definitions, the catalogue that checks them, fetching."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sources.blocked import blocked_reason
from sources.catalogue.folder import SHIPPED, Catalogue, check, load_definition
from sources.forms import refuse_garbled, refuse_wrong_form
from sources.web.addresses import public_url

if TYPE_CHECKING:
    from sources.web.client import FetchLimits
    from sources.web.fetch import Fetcher
    from sources.web.hosts import Manners

__all__ = [
    "SHIPPED",
    "Catalogue",
    "FetchLimits",
    "Fetcher",
    "Manners",
    "blocked_reason",
    "check",
    "load_definition",
    "public_url",
    "refuse_garbled",
    "refuse_wrong_form",
]


# Reading commands want the catalogue alone, and requests costs a fifth of a second to import.
_OF_THE_WEB = {"FetchLimits": "client", "Fetcher": "fetch", "Manners": "hosts"}


def __getattr__(name: str) -> Any:
    if name in _OF_THE_WEB:
        return getattr(import_module(f"sources.web.{_OF_THE_WEB[name]}"), name)
    raise AttributeError(f"module 'sources' has no attribute {name!r}")
