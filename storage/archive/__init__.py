"""The archive of bytes: contents by their SHA-256, where they lie, and what is removed on purpose."""

from storage.archive.blobs import Archive, Tombstone

__all__ = ["Archive", "Tombstone"]
