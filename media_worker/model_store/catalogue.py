"""Models that are known by name: where they are published, which of their files are needed, and where those go.

Checksums are not here: they are learned at the first pull, written into the lock, and enforced from then on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from media_worker.model_store.problems import ModelsProblem


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a repository: `pattern` as in a shell. `into` is its name here; an `optional` one may be missing."""

    pattern: str
    into: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """`place` is below the folder of models. `commercial`: whether the weights may be used in a business."""

    name: str
    family: str
    licence: str
    repo: str
    place: str
    files: tuple[Wanted, ...]
    revision: str = "main"
    commercial: bool = True


_WHISPER = (
    Wanted("config.json"),
    Wanted("model.bin"),
    Wanted("tokenizer.json"),
    Wanted("vocabulary.*"),
    Wanted("preprocessor_config.json", optional=True),
)
_TRANSLATOR = (Wanted("config.json"), Wanted("model.bin"), Wanted("*vocabulary.*"))
_PIECES = Wanted("sentencepiece.bpe.model")
_OPUS = (*_TRANSLATOR, Wanted("source.spm"), Wanted("target.spm"))
_PAIR = re.compile(r"opus-mt-([a-z]{2})-([a-z]{2})")
_PIPER = re.compile(r"piper-(([a-z]{2,3})_[A-Z]{2})-([a-z0-9_]+)-(x_low|low|medium|high)")


def _whisper(size: str, owner: str = "Systran") -> Entry:
    return Entry(f"whisper-{size}", "whisper", "MIT", f"{owner}/faster-whisper-{size}", "recognition", _WHISPER)


CATALOGUE: Mapping[str, Entry] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            *(_whisper(size) for size in ("tiny", "base", "small", "medium", "large-v3")),
            _whisper("large-v3-turbo", "mobiuslabsgmbh"),
            Entry(
                "m2m100-418m",
                "m2m100",
                "MIT",
                "michaelfeil/ct2fast-m2m100_418M",
                "translation/m2m100",
                (*_TRANSLATOR, _PIECES),
            ),
            Entry(
                "madlad400-3b",
                "madlad400",
                "Apache-2.0",
                "santhosh/madlad400-3b-ct2",
                "translation/madlad400",
                (*_TRANSLATOR, Wanted("sentencepiece.model")),
            ),
            Entry(
                "nllb-200-600m",
                "nllb200",
                "CC-BY-NC-4.0",
                "JustFrederik/nllb-200-distilled-600M-ct2-int8",
                "translation/nllb200",
                (*_TRANSLATOR, _PIECES),
                commercial=False,
            ),
            Entry(
                "kokoro",
                "kokoro",
                "Apache-2.0",
                "fastrtc/kokoro-onnx",
                "voices/kokoro",
                (Wanted("kokoro-v1.0.onnx", "kokoro.onnx"), Wanted("voices-v1.0.bin", "voices.bin")),
            ),
        )
    }
)
PATTERNS = ("opus-mt-XX-YY", "piper-ll_CC-NAME-QUALITY")


def entry(name: str) -> Entry:
    """By name, or by one of `PATTERNS`: OPUS-MT has a model for every pair, Piper dozens of voices."""
    if name in CATALOGUE:
        return CATALOGUE[name]
    if pair := _PAIR.fullmatch(name):
        repo = f"michaelfeil/ct2fast-opus-mt-{pair[1]}-{pair[2]}"
        return Entry(name, "opus-mt", "CC-BY-4.0", repo, f"translation/{name}", _OPUS)
    if voice := _PIPER.fullmatch(name):
        return _piper(name, *voice.groups())
    known = ", ".join((*CATALOGUE, *PATTERNS))
    raise ModelsProblem(f"no model is called {name[:80]!a}; there are {known}, and any other by --repo")


def _piper(name: str, locale: str, language: str, speaker: str, quality: str) -> Entry:
    voice, folder = f"{locale}-{speaker}-{quality}", f"{language}/{locale}/{speaker}/{quality}"
    files = (
        Wanted(f"{folder}/{voice}.onnx", f"{voice}.onnx"),
        Wanted(f"{folder}/{voice}.onnx.json", f"{voice}.onnx.json"),
        Wanted(f"{folder}/MODEL_CARD", f"{voice}.card"),
    )
    return Entry(name, "piper", "see its .card", "rhasspy/piper-voices", "voices/piper", files)
