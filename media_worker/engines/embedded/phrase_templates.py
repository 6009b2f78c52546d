"""Templates of set phrases: `[…]` may be left out, `(a/b)` is a choice, `{slot}` is filled from elsewhere.

Expressions match text in which a space follows every word, so that pieces can be put together without caring for what
stands between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_TOKEN = re.compile(r"[\[\]()/]|\{\w+\}|\s+|[^\s\[\]()/{}]+")
_MARKS = re.compile(r"[¿?¡!,]")
_SPACE_BEFORE_MARK = re.compile(r" (?=[,?!])")


def expression(template: str, slot: Callable[[str], str], plain: Callable[[str], str]) -> str:
    """`slot` gives the expression of a slot, `plain` the form in which words are compared."""
    return "".join(_piece(token, slot, plain) for token in _words(template))


def _words(template: str) -> list[str]:
    return [token for token in _TOKEN.findall(_MARKS.sub(" ", template.lower())) if not token.isspace()]


def _piece(token: str, slot: Callable[[str], str], plain: Callable[[str], str]) -> str:
    structure = {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "/": "|"}
    if token in structure:
        return structure[token]
    if token.startswith("{"):
        return slot(token[1:-1])
    return re.escape(plain(token)) + " "


def needed(template: str, plain: Callable[[str], str]) -> frozenset[str]:
    """The words without which no text can match."""
    return frozenset(plain(token) for token, depth, _ in _nested(_words(template)) if not depth and token[0] != "{")


def said(template: str) -> str:
    """How a template is spoken: without what may be left out, with the first of each choice."""
    kept = (token for token, _, spoken in _nested(_TOKEN.findall(template)) if spoken)
    return _SPACE_BEFORE_MARK.sub("", " ".join("".join(kept).split()))


def _nested(tokens: list[str]) -> Iterator[tuple[str, int, bool]]:
    """The tokens that are no structure, with how deep they stand and whether they are spoken."""
    spoken: list[bool] = []
    for part in tokens:
        if part in "[(":
            spoken.append(part == "(")
        elif part in "])":
            spoken.pop()
        elif part == "/":
            spoken[-1] = False
        else:
            yield part, len(spoken), all(spoken)
