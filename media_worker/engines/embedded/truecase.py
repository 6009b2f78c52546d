"""Capitals and punctuation: what a translator wants to see, and what a reader does.

Recognised text comes in small letters without a mark. Apertium reads `i have` as "and has", so a sentence is cased
before it is translated, and a question gets its mark; text that has capitals already was typed and keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_MARKS = ".?!…"

_ALWAYS_CAPITAL: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "en": re.compile(
            r"\b(?:i(?='(?:m|d|ve|ll)\b)|i(?!['\w])|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january"
            r"|february|april|june|july|august|september|october|november|december|(?<=in )march|(?<=of )march"
            r"|english|spanish|french|german|italian|portuguese|catalan)\b"
        )
    }
)
_QUESTION: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "en": re.compile(
            r"(?:(?:and|but|so|okay|ok|hello|hi|sorry|please)[ ,]+)*"
            r"(?:what|when|where|who|whose|which|why|how|what's|where's|who's"
            r"|(?:can|could|may|would|will|do|does|did|is|are|was|were|have|has|should|shall)(?:n't)?"
            r" (?:i|you|he|she|it|we|they|this|that|there|the|my|your|anyone|somebody|someone|anything))\b"
        ),
        "es": re.compile(
            r"(?:(?:y|pero|hola|perdón|disculpe|por favor)[ ,]+)*"
            r"(?:(?:(?:a|en|de|con|por|para|desde|hasta) )?(?:qué|cuál|cuáles|cuándo|dónde|quién|cuánto|cuánta|cuántos"
            r"|cuántas|cómo)|(?:me |le |nos )?(?:puede|podría|pueden|podrían) (?!ser)"
            r"|tienen|tiene usted|hay (?:algo|alguien|algún|alguna)|es usted)\b"
        ),
    }
)


def truecase(sentence: str, language: str) -> str:
    """As it would be written: first letter, names of days and months, `I`, and a question's mark. No full stop."""
    text = _cased(sentence.strip().removesuffix("."), language)
    if is_question(text, language) and text[-1] not in _MARKS:
        text += "?"
    return capitalised(text)


def _cased(text: str, language: str) -> str:
    """The words that always have a capital. Text with capitals of its own was written by somebody, who knew."""
    pattern = _ALWAYS_CAPITAL.get(language)
    if pattern is None or not text.islower():
        return text
    return pattern.sub(lambda match: match[0].capitalize(), text)


def is_question(sentence: str, language: str) -> bool:
    """By its mark, or by the words with which it, or its last clause, begins."""
    text = sentence.strip().lower()
    pattern = _QUESTION.get(language)
    if text.endswith("?") or pattern is None:
        return text.endswith("?")
    return any(pattern.match(clause) for clause in (text, text.rpartition(", ")[2]))


def capitalised(text: str) -> str:
    """The first letter as a capital, behind an opening mark too."""
    for position, character in enumerate(text):
        if character.isalnum():
            return text[:position] + character.upper() + text[position + 1 :]
    return text


def uncapitalised(text: str, language: str) -> str:
    """For the middle of a sentence: without the capital of a sentence's first word, unless the word keeps it."""
    first = text[:1]
    return text if language == "en" and re.match(r"I\b", text) else first.lower() + text[1:]


def finished(text: str, language: str, mark: str = "") -> str:
    """A translation as it is read: a capital first, at its end its own mark, a question's, `mark` or a full stop."""
    text = _cased(" ".join(text.split()), language)
    if not any(character.isalnum() for character in text):
        return text
    if text[-1] not in _MARKS:
        text += "?" if is_question(text, language) else (mark or ".")
    if language == "es":
        text = _opened(text)
    return capitalised(text)


def mark_of(sentence: str) -> str:
    """The mark at the end of a sentence, or nothing."""
    last = sentence.rstrip()[-1:]
    return last if last in tuple(_MARKS) else ""


def _opened(text: str) -> str:
    """Spanish opens what it closes. The mark goes before the clause that asks, not before a greeting."""
    for opening, closing in (("¿", "?"), ("¡", "!")):
        if text.endswith(closing) and opening not in text:
            text = opening + text
    return text
