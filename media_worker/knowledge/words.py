"""Text as the words that it is found by: without endings, accents and what says nothing, in the base's language.

Endings go by Snowball's stemmers, small words by the lists of `bm25s`. Where a language has no stemmer, the
beginnings of its words stand for them; where it is written without spaces, pairs of characters do.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

import Stemmer
from bm25s import stopwords

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish",
    "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
_SMALL = {
    "da": stopwords.STOPWORDS_DANISH, "de": stopwords.STOPWORDS_GERMAN, "en": stopwords.STOPWORDS_EN_PLUS,
    "es": stopwords.STOPWORDS_SPANISH, "fr": stopwords.STOPWORDS_FRENCH, "it": stopwords.STOPWORDS_ITALIAN,
    "nl": stopwords.STOPWORDS_DUTCH, "no": stopwords.STOPWORDS_NORWEGIAN, "pt": stopwords.STOPWORDS_PORTUGUESE,
    "ru": stopwords.STOPWORDS_RUSSIAN, "sv": stopwords.STOPWORDS_SWEDISH, "tr": stopwords.STOPWORDS_TURKISH,
}  # fmt: skip
# What callers wrap a question in; the lists above were made from written text.
_ASKED_WITH = {
    "de": "bitte danke gibt gern gerne hallo geht kriege bekomme möchte sagen wissen brauche lange",
    "en": "please thanks hello hi tell know would could like want need get give go much many long let us may might",
    "es": "por favor gracias hola puedo puede pueden decir decirme saber quiero quisiera necesito cuánto cuánta "
    "cuántos cuántas cómo cuándo dónde qué cuál hago",
    "fr": "bonjour merci puis peut peux pouvez veux voudrais savoir dire combien comment quand où quel quelle besoin",
}
_BEGINNING = 5
_MANY_SMALL = 0.15
_WORD = re.compile(r"[^\W_]+(?:[.,:][0-9]+)*")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_MOST_CHARACTERS = 64
_ACCENTED = ("LATIN", "GREEK", "CYRILLIC")


class Words:
    """Of one language; None where nobody knows which. What it has once seen it remembers, as long as it lives."""

    def __init__(self, language: str | None) -> None:
        self._small = frozenset(_small(language or ""))
        self._stem = Stemmer.Stemmer(_STEMMERS[language]).stemWord if language in _STEMMERS else _beginning
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, text: str) -> Iterator[tuple[str, ...]]:
        """Each word of `text` in one form, or in two where writing it without its accents makes another; the first is
        the better one. Small words are left out."""
        for written in _WORD.findall(text):
            word = written[:_MOST_CHARACTERS].casefold()
            if _UNSPACED.match(word):
                yield from ((pair,) for pair in _pairs(word))
            elif word not in self._small:
                forms = self._known.get(word)
                if forms is None:
                    forms = self._known[word] = self._forms(word)
                yield forms

    def _forms(self, word: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((plain(self._stem(word)), self._stem(plain(word)))))


@cache
def _small(language: str) -> tuple[str, ...]:
    listed = (*_SMALL.get(language, ()), *_ASKED_WITH.get(language, "").split())
    cut = (part for word in listed for part in _WORD.findall(word.casefold()))
    return tuple({form for word in cut for form in (word, plain(word))})


def guessed(texts: Iterable[str]) -> str | None:
    """The language whose small words are most of what is said in `texts`; None where none of them is many."""
    said = Counter(word for text in texts for word in _WORD.findall(text.casefold()))
    shares = {
        language: sum(said[word] for word in set(listed)) / max(1, said.total()) for language, listed in _SMALL.items()
    }
    best = max(shares, key=lambda language: shares[language])
    return best if shares[best] >= _MANY_SMALL else None


def plain(word: str) -> str:
    """Without accents, in the writings where a letter is the same word without them."""
    if word.isascii():
        return word
    kept: list[str] = []
    for letter in unicodedata.normalize("NFD", word):
        accents = unicodedata.combining(letter) and kept and unicodedata.name(kept[-1], "").startswith(_ACCENTED)
        if not accents:
            kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept))


def _beginning(word: str) -> str:
    return word if any(letter.isdigit() for letter in word) else word[:_BEGINNING]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]
