"""Templates of set phrases as regular expressions over words.

`[…]` may be left out, `(a/b)` is a choice, `{slot}` is filled from elsewhere. Expressions match text in which a space
follows every word, so that pieces can be put together without caring for what stands between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_TOKEN = re.compile(r"[\[\]()/]|\{\w+\}|[^\s\[\]()/{}]+")
_MARKS = re.compile(r"[¿?¡!,]")
_OPTION = re.compile(r"\s*\[[^\]]*\]")
_CHOICE = re.compile(r"\(([^/)]*)/[^)]*\)")


def expression(template: str, slot: Callable[[str], str], plain: Callable[[str], str]) -> str:
    """`slot` gives the expression of a slot, `plain` the form in which words are compared."""
    tokens = _TOKEN.findall(_MARKS.sub(" ", template.lower()))
    return "".join(_piece(token, slot, plain) for token in tokens)


def _piece(token: str, slot: Callable[[str], str], plain: Callable[[str], str]) -> str:
    structure = {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "/": "|"}
    if token in structure:
        return structure[token]
    if token.startswith("{"):
        return slot(token[1:-1])
    return re.escape(plain(token)) + " "


def said(template: str) -> str:
    """How a template is spoken: without what may be left out, with the first of each choice."""
    return " ".join(_CHOICE.sub(r"\1", _OPTION.sub("", template)).split())
