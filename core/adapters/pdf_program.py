"""`python -m core.adapters.pdf_program MEMORY_BYTES MOST_PAGES MOST_CHARACTERS`: a PDF from stdin → its text as JSON.

Answers `{"pages": […]}`, or `{"refused": sentence}`. Started by `core.adapters.pdf`, which limits its time.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
from collections.abc import Iterator
from io import BytesIO

from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError


class Refused(Exception):
    """Its text is for whoever uploaded the PDF."""


def pages(content: bytes, most_pages: int, most_characters: int) -> list[str]:
    """Raises Refused."""
    if b"%PDF-" not in content[:1024]:
        raise Refused("The document is no PDF.")
    try:
        return list(_read(content, most_pages, most_characters))
    except Refused:
        raise
    except DependencyError:
        raise Refused("The PDF is encrypted. Save it without protection.") from None
    except MemoryError:
        raise Refused("The PDF takes too much memory to read.") from None
    except Exception:
        # Of a damaged file, anything may come out of a parser.
        raise Refused("The PDF is damaged.") from None


def _read(content: bytes, most_pages: int, most_characters: int) -> Iterator[str]:
    reader = PdfReader(BytesIO(content), strict=False)
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        raise Refused("The PDF is protected by a password.")
    if len(reader.pages) > most_pages:
        raise Refused(f"The PDF has more than {most_pages} pages.")
    room = most_characters
    for page in reader.pages:
        text = page.extract_text()
        room -= len(text)
        if room < 0:
            raise Refused(f"The PDF has more than {most_characters} characters.")
        yield text


def main() -> None:
    memory_bytes, most_pages, most_characters = (int(each) for each in sys.argv[1:4])
    content = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    logging.disable(logging.CRITICAL)  # a parser quotes what it stumbles over
    try:
        answer: dict[str, object] = {"pages": pages(content, most_pages, most_characters)}
    except Refused as refused:
        answer = {"refused": str(refused)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
