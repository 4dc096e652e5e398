"""Tallybook for analysts: the accepted ledger, and all its vintages, as pandas frames.

    import tallybook
    frame = tallybook.frame("ua_personnel", known_at="2024-01-01")

The frames read the ledger that the settings name (`TALLYBOOK_HOME`, `TALLYBOOK_DATABASE_URL`).
"""

from tallybook.frames import frame, series, vintages

__all__ = ["frame", "series", "vintages"]
