"""A document as its sections: what stands below each heading, or on each page, as paragraphs of plain text. Pure.

Marks that are only there for the eye (emphasis, bullets, addresses behind links) are left out: passages are read aloud.
Every expression here takes time that grows with the text and no faster, for any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MOST_HEADING_CHARACTERS = 120
"""A longer "heading" is a paragraph that somebody marked as one."""
BETWEEN_HEADINGS = " > "

_RULE = "---"
_MOST_NOTES = 50
_BLANK_LINE = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)*\n|\f")
# A word that was divided at the end of a line, as typesetters do; "1990-\n95" and "Ost-\nWest" are none.
_DIVIDED = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_A-ZÄÖÜÀ-Ý])")
_BULLET = re.compile(r"[^\S\n]*(?:[-*+•‣\u2013][^\S\n]|\d{1,4}[.)][^\S\n])")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?: \"[^\"\n]*\")?\)")
_SINGLE_EMPHASIS = re.compile(r"(?<!\w)[*_](?=\w)|(?<=[\w.!?,;:)])[*_](?!\w)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")
_CONTROL = {**dict.fromkeys((*range(32), *range(0x7F, 0xA0), 0xAD, 0xFEFF)), **dict.fromkeys(range(0xD800, 0xE000))}
# Some of them part words.
_CLEANED = {code: " " if chr(code).isspace() else None for code in _CONTROL if chr(code) not in "\t\n\f"}


@dataclass(frozen=True, slots=True)
class Section:
    """`place` is the headings above it, or the page; None where there is neither."""

    paragraphs: tuple[str, ...]
    place: str | None = None


def of_text(text: str) -> list[Section]:
    paragraphs = _paragraphs(_cleaned(text))
    return [Section(paragraphs)] if paragraphs else []


def of_pages(pages: Iterable[str]) -> list[Section]:
    """`pages` as a parser gives them, in order: lines end where they ended on paper."""
    found = []
    for number, page in enumerate(pages, start=1):
        if paragraphs := _paragraphs(_DIVIDED.sub("", _cleaned(page))):
            found.append(Section(paragraphs, f"page {number}"))
    return found


def of_markdown(text: str) -> list[Section]:
    lines = _cleaned(text).replace("\f", "\n").split("\n")
    # Some programs keep their own notes at the top, between two rules: words, but no headings.
    reading = _Markdown(fence=_RULE if lines[0] == _RULE and _RULE in lines[1:_MOST_NOTES] else "")
    for line in lines[1:] if reading.fence else lines:
        reading.read(line)
    return reading.end()


@dataclass(slots=True)
class _Markdown:
    """Line by line; what is open is a paragraph, its `lines` in parts as they were written, below `headings`."""

    sections: list[Section] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    fence: str = ""

    def read(self, line: str) -> None:
        bare = line.strip()
        if self.fence or bare.startswith(("```", "~~~")):
            self._read_code(bare, line)
        elif heading := _heading(bare):
            self._open(*heading)
        elif self._underlines(bare):
            self._open(1 if bare[0] == "=" else 2, _inline(self.lines.pop()[0]))
        elif not bare or _is_rule(bare):
            self._end_paragraph()
        else:
            self._read_words(bare)

    def end(self) -> list[Section]:
        self._end_section(0)
        return self.sections

    def _read_code(self, bare: str, line: str) -> None:
        if not self.fence:
            self.fence = bare[:3]
            self._keep(bare[3:].lstrip("`~"))
        elif bare.startswith(self.fence):
            self.fence = ""
            self._keep(bare.lstrip("`~-"))
        else:
            self._keep(line.strip())

    def _read_words(self, bare: str) -> None:
        quoted = bare.lstrip("> ") if bare.startswith(">") else bare
        if quoted.startswith("|"):
            self._keep(_row(quoted))
        elif self.lines and not _BULLET.match(quoted) and quoted[-1:] != "|":
            self.lines[-1].append(quoted)
        else:
            self._keep(quoted)

    def _keep(self, line: str) -> None:
        if line:
            self.lines.append([line])

    def _underlines(self, bare: str) -> bool:
        """`===` or `---` below one line of words makes that line a heading."""
        if len(bare) < 3 or bare.strip(bare[0]) or bare[0] not in "=-":
            return False
        return len(self.lines) == 1 and len(self.lines[0]) == 1 and len(self.lines[0][0]) <= MOST_HEADING_CHARACTERS

    def _open(self, level: int, title: str) -> None:
        self._end_section(level)
        while self.headings and self.headings[-1][0] >= level:
            self.headings.pop()
        self.headings.append((level, title))

    def _end_paragraph(self) -> None:
        if paragraph := "\n".join(filter(None, (_inline(_unbulleted(" ".join(line))) for line in self.lines))):
            self.paragraphs.append(paragraph)
        self.lines = []

    def _end_section(self, next_level: int) -> None:
        """A heading with nothing below it, not even another heading, is all that its section says."""
        self._end_paragraph()
        if not self.paragraphs and self.headings and next_level <= self.headings[-1][0]:
            self.paragraphs.append(self.headings[-1][1])
        if self.paragraphs:
            place = BETWEEN_HEADINGS.join(title for _, title in self.headings)
            self.sections.append(Section(tuple(self.paragraphs), place or None))
        self.paragraphs = []


def _heading(bare: str) -> tuple[int, str] | None:
    level = len(bare) - len(bare.lstrip("#"))
    if not 1 <= level <= 6 or bare[level : level + 1] not in (" ", "\t"):
        return None
    title = _inline(bare[level:].strip().rstrip("#").strip())
    return (level, title) if title and len(title) <= MOST_HEADING_CHARACTERS else None


def _is_rule(bare: str) -> bool:
    marks = set(bare.replace(" ", ""))
    return len(bare) > 2 and len(marks) == 1 and marks <= set("-*_=")


def _row(line: str) -> str:
    """The cells of a table's row; nothing of the line between head and body."""
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return "" if all(cell.strip(":-") == "" for cell in cells) else ", ".join(filter(None, cells))


def _unbulleted(line: str) -> str:
    """Numbers stay: they are said too."""
    return line[1:].lstrip() if _BULLET.match(line) and not line[0].isdigit() else line


def _inline(text: str) -> str:
    said = _LINK.sub(r"\1", text).replace("**", "").replace("__", "").replace("~~", "").replace("`", "")
    return " ".join(_ESCAPED.sub(r"\1", _SINGLE_EMPHASIS.sub("", said)).split())


def _paragraphs(text: str) -> tuple[str, ...]:
    """Lines are joined, but for those that begin with a bullet or a number."""
    return tuple(filter(None, (_joined(block) for block in _BLANK_LINE.split(text))))


def _joined(block: str) -> str:
    lines: list[list[str]] = []
    for line in block.split("\n"):
        if lines and not _BULLET.match(line):
            lines[-1] += line.split()
        else:
            lines.append(_unbulleted(line.strip()).split())
    return "\n".join(" ".join(words) for words in lines if words)


def _cleaned(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").translate(_CLEANED)
