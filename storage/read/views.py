"""All questions to the ledger in one place, for whoever asks several."""

from __future__ import annotations

from storage.marking.book import MarkerReader
from storage.news.past import PastReader
from storage.news.record import RecordReader
from storage.read.asof import AsOfReader
from storage.read.claims import ClaimsReader
from storage.read.evidence import EvidenceReader
from storage.read.holds import HoldsReader
from storage.read.log import Log
from storage.read.series import SeriesReader
from storage.read.sources import SourcesReader
from storage.search.find import SearchReader


class Views(
    Log,
    SeriesReader,
    AsOfReader,
    ClaimsReader,
    EvidenceReader,
    HoldsReader,
    SourcesReader,
    SearchReader,
    PastReader,
    RecordReader,
    MarkerReader,
):
    """Every question to the ledger; each is answered by the class of its kind."""
