"""How each family of translation models wants to be asked: its tokens, and where the languages go.

Free for commercial use: M2M-100 (MIT) and MADLAD-400 (Apache 2.0), one model for many languages, and OPUS-MT
(CC-BY 4.0), one model per pair. NLLB-200's weights (CC-BY-NC 4.0) are not: it is served where somebody said so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Protocol

import sentencepiece

from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.translation.language_names import FLORES, MADLAD

END = "</s>"
_MARK = re.compile(r"</?s>|<pad>|<unk>|__[a-z]{2,3}__|[a-z]{3}_[A-Z][a-z]{3}|<2[^<>]+>")
_TARGET = re.compile(r"<2[^<>]+>")
_PAIR_NAME = re.compile(r"(?:opus-mt-)?([a-z]{2})-([a-z]{2})")

Pair = tuple[str, str]
Pieces = sentencepiece.SentencePieceProcessor


class Family(Protocol):
    """One model's way of being asked. Text in, tokens out, and back. A pair is (source, target)."""

    @property
    def pairs(self) -> frozenset[Pair]: ...

    def source(self, text: str, pair: Pair) -> list[str]: ...

    def prefix(self, language: str) -> list[str]:
        """What the answer is made to begin with."""
        ...

    def text(self, tokens: Sequence[str]) -> str: ...


@dataclass(frozen=True, slots=True)
class ManyToMany:
    """M2M-100 and NLLB-200: one vocabulary, a token for each language on either side. `tokens` are by language."""

    pieces: Pieces
    tokens: Mapping[str, str]

    @property
    def pairs(self) -> frozenset[Pair]:
        return frozenset(permutations(self.tokens, 2))

    def source(self, text: str, pair: Pair) -> list[str]:
        return [self.tokens[pair[0]], *self.pieces.encode(text, out_type=str), END]

    def prefix(self, language: str) -> list[str]:
        return [self.tokens[language]]

    def text(self, tokens: Sequence[str]) -> str:
        return _written(self.pieces, tokens)


@dataclass(frozen=True, slots=True)
class ToTarget:
    """MADLAD-400: the source text begins with the language that is wanted; which one it is in, nobody says."""

    pieces: Pieces
    tokens: Mapping[str, str]

    @property
    def pairs(self) -> frozenset[Pair]:
        return frozenset(permutations(self.tokens, 2))

    def source(self, text: str, pair: Pair) -> list[str]:
        # A piece like any other to the tokenizer, so a text that holds one would be answered in that language.
        said = _TARGET.sub(" ", text)
        return [*self.pieces.encode(f"{self.tokens[pair[1]]} {said}", out_type=str), END]

    def prefix(self, language: str) -> list[str]:
        return []

    def text(self, tokens: Sequence[str]) -> str:
        return _written(self.pieces, tokens)


@dataclass(frozen=True, slots=True)
class OnePair:
    """OPUS-MT: a vocabulary for each side, and no tokens for languages."""

    ours: Pieces
    theirs: Pieces
    pair: Pair

    @property
    def pairs(self) -> frozenset[Pair]:
        return frozenset({self.pair})

    def source(self, text: str, pair: Pair) -> list[str]:
        return [*self.ours.encode(text, out_type=str), END]

    def prefix(self, language: str) -> list[str]:
        return []

    def text(self, tokens: Sequence[str]) -> str:
        return _written(self.theirs, tokens)


def _written(pieces: Pieces, tokens: Sequence[str]) -> str:
    return str(pieces.decode([token for token in tokens if _MARK.fullmatch(token) is None]))


def family(folder: Path, languages: frozenset[str], *, noncommercial: bool = False) -> Family:
    """The family of the model in `folder`, by its files; `languages` are the product's.

    `noncommercial`: whether weights that forbid commercial use were agreed to. Raises EnginesNotAvailable for a model
    that was not agreed to, is incomplete, or is of no known family.
    """
    if (folder / "source.spm").exists():
        return _one_pair(folder, languages)
    vocabulary = _vocabulary(folder)
    if (folder / "sentencepiece.model").exists():
        if tags := _known(languages, vocabulary, _madlad_tokens):
            return ToTarget(_load(folder / "sentencepiece.model"), tags)
    elif (folder / "sentencepiece.bpe.model").exists():
        # NLLB-200 and M2M-100 come in files of the same names, so the tokens of their languages tell.
        if flores := _known(languages, vocabulary, lambda code: (FLORES.get(code, ""),)):
            _agreed(folder, noncommercial)
            return ManyToMany(_load(folder / "sentencepiece.bpe.model"), flores)
        if ours := _known(languages, vocabulary, lambda code: (f"__{code}__",)):
            return ManyToMany(_load(folder / "sentencepiece.bpe.model"), ours)
    raise EnginesNotAvailable(f"{folder} holds no model of M2M-100, OPUS-MT, MADLAD-400 or NLLB-200, or not all of it")


def _agreed(folder: Path, noncommercial: bool) -> None:
    if not noncommercial:
        raise EnginesNotAvailable(
            f"{folder} holds NLLB-200, whose weights forbid commercial use (CC-BY-NC 4.0): remove it, name the models "
            'to load in the engine option "translation", or, where that is no matter, set "noncommercial" to "accepted"'
        )


def _one_pair(folder: Path, languages: frozenset[str]) -> OnePair:
    name = _PAIR_NAME.fullmatch(folder.name)
    if name is None or not {name[1], name[2]} <= languages:
        raise EnginesNotAvailable(f"{folder} must be named for its pair, as in opus-mt-de-en")
    return OnePair(_load(folder / "source.spm"), _load(folder / "target.spm"), (name[1], name[2]))


def _load(path: Path) -> Pieces:
    try:
        return Pieces(model_file=str(path))
    except (OSError, RuntimeError):
        raise EnginesNotAvailable(f"{path} is missing or damaged") from None


def _known(
    languages: frozenset[str], vocabulary: frozenset[str], tokens: Callable[[str], Sequence[str]]
) -> dict[str, str]:
    """By language, the first of its possible tokens that the vocabulary has."""
    found = {code: next((token for token in tokens(code) if token in vocabulary), "") for code in sorted(languages)}
    return {code: token for code, token in found.items() if token}


def _madlad_tokens(language: str) -> list[str]:
    return [f"<2{name}>" for name in MADLAD.get(language, (language,))]


def _vocabulary(folder: Path) -> frozenset[str]:
    """Every token, from a list in JSON or a line for each; nothing where there is no such file."""
    for path in sorted(folder.glob("shared_vocabulary.*")):
        try:
            text = path.read_text(encoding="utf-8")
            return frozenset(json.loads(text) if path.suffix == ".json" else text.split("\n"))
        except (ValueError, TypeError):
            raise EnginesNotAvailable(f"{path} is damaged") from None
    return frozenset()
