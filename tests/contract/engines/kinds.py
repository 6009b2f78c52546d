"""The engine sets under contract, and for each something to say that it must hear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import jiwer

from core.domain.languages import LANGUAGES
from media_worker.engines import registry, scripted
from media_worker.engines.base import EngineSet, StreamSpec, Translator
from media_worker.engines.embedded import build
from media_worker.engines.embedded.models import DEFAULT_FOLDER
from media_worker.engines.embedded.synthesis import espeak, flite, speak
from media_worker.engines.embedded.telephone import carry, to_pcm
from media_worker.engines.registry import EngineSettings
from media_worker.engines.translation.folder import load_models
from media_worker.engines.translation.translator import BatchTranslator
from tests.fakes.amazon import Amazon
from tests.models import chanting, copying, handmade, melody

PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Utterance:
    """Telephone speech and the text in it."""

    spec: StreamSpec
    pcm: bytes
    text: str

    def frames(self, size: int = 320) -> list[bytes]:
        return [self.pcm[start : start + size] for start in range(0, len(self.pcm), size)]


@dataclass(frozen=True)
class Kind:
    """One engine set.

    `word_error` is how much of a sentence it may mishear (other sentences share fewer words than that); `written` is
    a text with a word (or mark) that its Spanish translation must hold; `streams` is how many it hears at once.
    `adds` are languages spoken by voices beyond those of the set's default models.
    `frame_s` is what a frame of 20 ms must take at least where another machine hears, or no partial comes in time.
    """

    name: str
    settings: Callable[[], EngineSettings]
    utterances: Callable[[], tuple[Utterance, ...]]
    word_error: float
    written: tuple[str, str]
    streams: int
    frame_s: float = 0.0
    adds: frozenset[str] = frozenset()

    def heard(self, text: str, utterance: Utterance) -> bool:
        return float(jiwer.wer(utterance.text, text)) <= self.word_error

    def build(self) -> EngineSet:
        return registry.build(self.name, self.settings())


_PAUSE = bytes(3200)  # 0.2 s around speech, as voice activity detection leaves it


def _scripted_utterances() -> tuple[Utterance, ...]:
    return tuple(
        Utterance(StreamSpec(language, 8000), scripted.utterance(language, line, 8000), text)
        for language in ("en", "es")
        for line, text in enumerate(scripted.LINES[language][:2])
    )


@cache
def _spoken_utterances() -> tuple[Utterance, ...]:
    said = (
        (flite("rms"), "i have a question about my order"),
        (flite("rms"), "i would like to speak to a manager"),
        (espeak("es+m3"), "tengo una pregunta sobre mi pedido"),
        (espeak("es+m3"), "muchas gracias por su ayuda"),
    )
    return tuple(
        Utterance(StreamSpec(speaker.language, 8000), _PAUSE + to_pcm(carry(speak(speaker, text))) + _PAUSE, text)
        for speaker, text in said
    )


@cache
def _embedded_settings() -> EngineSettings:
    folder = PROJECT / DEFAULT_FOLDER
    build.build(folder)
    return EngineSettings(folder)


def _melodies() -> tuple[Utterance, ...]:
    said = (
        ("en", "hello i have a question about my order"),
        ("en", "thank you thank you about my order"),
        ("es", "hola tengo una pregunta sobre mi pedido"),
        ("es", "muchas gracias señora"),
    )
    return tuple(Utterance(StreamSpec(code, 8000), melody.melody(text, 8000), text) for code, text in said)


@cache
def _whisper_settings() -> EngineSettings:
    """Models made by hand, in the shape of the real ones; float32 because their weights are exact."""
    folder = handmade.build(Path(mkdtemp(prefix="kallglot-models-")))
    chanting.build(folder / "voices" / "piper")
    return EngineSettings(folder, {"compute_type": "float32", "policy": "low"})


AMAZON = Amazon()
"""Answers in the shapes that AWS documents, played on loopback from when they are first wanted."""


def _amazon_settings() -> EngineSettings:
    if not AMAZON.options:
        AMAZON.start()
    return EngineSettings(Path("unused"), AMAZON.options)


KINDS = (
    Kind("scripted", lambda: EngineSettings(Path("unused")), _scripted_utterances, 0.0, ("hello there", "[es]"), 40),
    Kind("embedded", _embedded_settings, _spoken_utterances, 0.5, ("where is my order", "pedido"), 6),
    Kind("aws", _amazon_settings, _scripted_utterances, 0.0, ("hello there", "[es]"), 12, frame_s=0.004),
    Kind("whisper", _whisper_settings, _melodies, 0.0, ("where is my order", "order"), 12, adds=frozenset({"de"})),
)


@dataclass(frozen=True)
class Family:
    """A family of translation models of the set `whisper` that is no default: asked for by the folder's name."""

    name: str
    shape: copying.Shape
    written: tuple[str, str] = ("where is my order", "order")

    def build(self) -> Translator:
        parent = Path(mkdtemp(prefix="kallglot-translation-"))
        copying.build(parent / self.name, self.shape)
        options = {"translation": self.name, "noncommercial": "accepted"}
        models = load_models(parent, options, frozenset(LANGUAGES), device="cpu", compute_type="float32", threads=1)
        return BatchTranslator(models)


FAMILIES = (Family("madlad400", copying.MADLAD400), Family("nllb200", copying.NLLB200))
