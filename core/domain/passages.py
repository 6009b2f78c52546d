"""Cuts a document into passages: small enough to be read out, large enough to be understood alone. Pure.

A passage never goes over a heading. Below one heading it is cut between paragraphs, or where one is too long between
sentences, or between words. What is short takes on what comes next: "Opening hours" alone answers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core.domain.knowledge import Passage, Source
from core.domain.sections import Section

MOST_WORDS = 80
FEW_WORDS = 25
MOST_CHARACTERS = 800
MOST_WORD_CHARACTERS = 100
"""A longer "word" is an address, a dump of bytes, or a sentence in a writing without spaces; it is cut."""

# Behind a sentence, or at the end of a line.
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'\u201d\u2019»)\]]*[ \n]|(?<=[。\uff01\uff1f])|\n")
_WORD = re.compile(rf"\S{{1,{MOST_WORD_CHARACTERS}}}\s*")
# Written without spaces: two characters are about a word.
_UNSPACED = re.compile("[\u0e00-\u0e7f\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def cut(sections: Iterable[Section], document_id: str, title: str) -> Iterator[Passage]:
    """In the document's order; nothing is left out. `title` is what the document is called."""
    for section in sections:
        source = Source(document_id, title, section.place)
        for text in _packed(section.paragraphs):
            yield Passage(text, source)


def words(text: str) -> int:
    """How long it takes to say, in words."""
    return len(text.split()) + (len(_UNSPACED.findall(text)) + 1) // 2


def _packed(paragraphs: Iterable[str]) -> Iterator[str]:
    packing = ""
    length = 0
    for paragraph in paragraphs:
        if length >= FEW_WORDS:
            yield packing.strip()
            packing, length = "", 0
        for piece in _pieces(f"{paragraph}\n"):
            more = words(piece)
            if length + more > MOST_WORDS or len(packing) + len(piece) > MOST_CHARACTERS:
                yield packing.strip()
                packing, length = "", 0
            packing += piece
            length += more
    if packing.strip():
        yield packing.strip()


def _pieces(paragraph: str) -> Iterator[str]:
    """What is packed as one, with the space behind it: sentences, and the words of those that are too long."""
    start = 0
    for end in [*(found.end() for found in _SENTENCE_END.finditer(paragraph)), len(paragraph)]:
        sentence = paragraph[start:end]
        start = end
        if len(sentence) <= MOST_CHARACTERS and words(sentence) <= MOST_WORDS:
            yield sentence
        else:
            yield from _WORD.findall(sentence)
