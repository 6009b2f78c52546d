"""Spanish words in the phones of an American English acoustic model.

The model in the recogniser's wheel knows 39 English phones (ARPAbet without stress). Spanish letters tell their sounds
almost without exception, so a word's phones follow from a scan; what has no single English counterpart (tapped r,
soft b and d, pure vowels, c/z in Spain) is offered as further pronunciations of the word.
"""

from __future__ import annotations

import re

# Longest match first; a pattern may look at what follows, never at what came before.
_RULES: tuple[tuple[str, str], ...] = (
    (r"ch", "CH"),
    (r"ll", "Y"),
    (r"rr", "R"),
    (r"sc(?=[eiéí])", "S"),
    (r"xc(?=[eiéí])", "K S"),
    (r"qu(?=[eiéí])", "K"),
    (r"gu(?=[eiéí])", "G"),
    (r"g[uü](?=[aoáó])", "G W"),
    (r"gü", "G W"),
    (r"hu(?=[aeoáéó])", "W"),
    (r"hi(?=[eé])", "Y"),
    (r"g(?=[eiéí])", "HH"),
    (r"c(?=[eiéí])", "S"),
    (r"i(?=[aeouáéóú])", "Y"),
    (r"u(?=[aeioáéíó])", "W"),
    (r"y(?=[aeiouáéíóú])", "Y"),
    (r"[aá][iy](?![aeouáéóú])", "AY"),
    (r"[eé][iy](?![aeouáéóú])", "EY"),
    (r"[oó][iy](?![aeouáéóú])", "OY"),
    (r"au(?![aeoáéó])", "AW"),
    (r"eu(?![aeoáéó])", "EH UW"),
    (r"[aá]", "AA"),
    (r"[eé]", "EH"),
    (r"[iíy]", "IY"),
    (r"[oó]", "OW"),
    (r"[uúü]", "UW"),
    (r"[bv]", "B"),
    (r"[ckq]", "K"),
    (r"[zs]", "S"),
    (r"d", "D"),
    (r"f", "F"),
    (r"g", "G"),
    (r"h", ""),
    (r"j", "HH"),
    (r"l", "L"),
    (r"m", "M"),
    (r"ñ", "N Y"),
    (r"n", "N"),
    (r"p", "P"),
    (r"r", "R"),
    (r"t", "T"),
    (r"w", "W"),
    (r"x", "K S"),
)
_SCANNER = re.compile("|".join(f"({pattern})" for pattern, _ in _RULES))

Phones = tuple[str, ...]


def phones(word: str) -> Phones:
    """The main pronunciation of a lower-case Spanish word (Latin American: c and z before e and i are s).

    Raises ValueError for a letter that Spanish does not have.
    """
    found: list[str] = []
    position = 0
    while position < len(word):
        match = _SCANNER.match(word, position)
        if match is None or match.lastindex is None:
            raise ValueError(f"no Spanish sound for {word[position]!r} in {word!r}")
        found += _RULES[match.lastindex - 1][1].split()
        position = match.end()
    return tuple(found)


def pronunciations(word: str) -> list[Phones]:
    """The main pronunciation and its variants, without repeats."""
    main = phones(word)
    variants = (
        main,
        _swap(main, "OW", "AO"),
        _swap(main, "EH", "EY"),
        _swap(main, "AA", "AH"),
        _soften(main, "D", "DH"),
        _soften(main, "B", "V"),
        _tap(main),
    )
    return list(dict.fromkeys(variants))


def _swap(word: Phones, old: str, new: str) -> Phones:
    return tuple(new if phone == old else phone for phone in word)


def _soften(word: Phones, old: str, new: str) -> Phones:
    """Stops after the first sound are spoken as fricatives."""
    return word[:1] + _swap(word[1:], old, new)


def _tap(word: Phones) -> Phones:
    """A single r inside a word is a tap, which English writes as a quick d."""
    return word[:1] + _swap(word[1:-1], "R", "D") + word[1:][-1:]
