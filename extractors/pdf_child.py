"""Reads a PDF from standard input and writes its text to standard output, within the limits that it is called with.

    python -I pdf_child.py MEMORY SECONDS MOST_TEXT MOST_PAGES

Run as a file in a process of its own. Exit: 0 read, 3 encrypted, 4 broken, 5 out of memory, 6 too long.
"""

from __future__ import annotations

import io
import sys

from extractors.apart import BROKEN, ENCRYPTED, NO_MEMORY, TOO_LONG, bound


def main(memory: int, seconds: int, most_text: int, most_pages: int) -> int:
    """Read one PDF; returns the exit code."""
    content = sys.stdin.buffer.read()
    from pypdf import PdfReader
    from pypdf.errors import FileNotDecryptedError

    bound(memory, seconds)
    sys.setrecursionlimit(2000)
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return ENCRYPTED
        if len(reader.pages) > most_pages:
            return TOO_LONG
        parts: list[bytes] = []
        size = 0
        for page in reader.pages:
            part = page.extract_text().encode("utf-8", "replace")
            size += len(part)
            if size > most_text:
                return TOO_LONG
            parts.append(part)
    except MemoryError:
        return NO_MEMORY
    except FileNotDecryptedError:
        return ENCRYPTED
    except Exception:  # whatever is wrong with it, a PDF that cannot be read is a broken one
        return BROKEN
    sys.stdout.buffer.write(b"\n\n".join(parts))
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in sys.argv[1:5])))
