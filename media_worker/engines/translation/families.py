"""How each family of translation models wants to be asked: its tokens, and where the languages go.

Two families, both free for commercial use: M2M-100 (MIT), one model for many languages, and OPUS-MT (CC-BY 4.0), one
model per pair. NLLB-200 is not served: its weights are for non-commercial use only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Protocol

import sentencepiece

from media_worker.engines.registry import EnginesNotAvailable

END = "</s>"
_LANGUAGE_TOKEN = re.compile(r"__([a-z]{2,3})__")
_PAIR_NAME = re.compile(r"(?:opus-mt-)?([a-z]{2})-([a-z]{2})")


class Family(Protocol):
    """One model's way of being asked. Text in, tokens out, and back."""

    @property
    def pairs(self) -> frozenset[tuple[str, str]]: ...

    def source(self, text: str, language: str) -> list[str]: ...

    def prefix(self, language: str) -> list[str]:
        """What the answer is made to begin with."""
        ...

    def text(self, tokens: Sequence[str]) -> str: ...


@dataclass(frozen=True, slots=True)
class ManyToMany:
    """M2M-100: one vocabulary, a token for each language on either side."""

    pieces: sentencepiece.SentencePieceProcessor
    languages: frozenset[str]

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(permutations(self.languages, 2))

    def source(self, text: str, language: str) -> list[str]:
        return [f"__{language}__", *self.pieces.encode(text, out_type=str), END]

    def prefix(self, language: str) -> list[str]:
        return [f"__{language}__"]

    def text(self, tokens: Sequence[str]) -> str:
        return _written(self.pieces, tokens)


@dataclass(frozen=True, slots=True)
class OnePair:
    """OPUS-MT: a vocabulary for each side, and no tokens for languages."""

    ours: sentencepiece.SentencePieceProcessor
    theirs: sentencepiece.SentencePieceProcessor
    pair: tuple[str, str]

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset({self.pair})

    def source(self, text: str, language: str) -> list[str]:
        return [*self.ours.encode(text, out_type=str), END]

    def prefix(self, language: str) -> list[str]:
        return []

    def text(self, tokens: Sequence[str]) -> str:
        return _written(self.theirs, tokens)


def _written(pieces: sentencepiece.SentencePieceProcessor, tokens: Sequence[str]) -> str:
    return str(pieces.decode([token for token in tokens if not _is_mark(token)]))


def _is_mark(token: str) -> bool:
    return token in {END, "<s>", "<pad>", "<unk>"} or _LANGUAGE_TOKEN.fullmatch(token) is not None


def family(folder: Path, languages: frozenset[str]) -> Family:
    """The family of the model in `folder`, by its files; `languages` are the product's.

    Raises EnginesNotAvailable for a model that is incomplete or of no known family.
    """
    if (folder / "source.spm").exists():
        return _one_pair(folder, languages)
    pieces = folder / "sentencepiece.bpe.model"
    known = frozenset(_LANGUAGE_TOKEN.findall(_vocabulary(folder))) & languages
    if not pieces.exists() or not known:
        raise EnginesNotAvailable(f"{folder} holds neither an M2M-100 nor an OPUS-MT model")
    return ManyToMany(_load(pieces), known)


def _one_pair(folder: Path, languages: frozenset[str]) -> OnePair:
    name = _PAIR_NAME.fullmatch(folder.name)
    if name is None or not {name[1], name[2]} <= languages:
        raise EnginesNotAvailable(f"{folder} must be named for its pair, as in opus-mt-de-en")
    return OnePair(_load(folder / "source.spm"), _load(folder / "target.spm"), (name[1], name[2]))


def _load(path: Path) -> sentencepiece.SentencePieceProcessor:
    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError):
        raise EnginesNotAvailable(f"{path} is missing or damaged") from None


def _vocabulary(folder: Path) -> str:
    """The file as it is: language tokens are all that is looked for in it."""
    files = sorted(folder.glob("shared_vocabulary.*"))
    return files[0].read_text(encoding="utf-8") if files else ""
