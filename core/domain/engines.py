"""What each engine set serves, as the control plane tells it: `GET /v1/languages`, and who may leave languages out.

The engines declare the same themselves (`media_worker.engines`), and a test holds the two together; the control
plane carries no engine, so it cannot ask them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations
from types import MappingProxyType
from typing import Any

from core.domain.languages import LANGUAGES


@dataclass(frozen=True, slots=True)
class EngineSet:
    """`pairs` are (source, target); `detects_language` says whether a session may leave its languages open."""

    speech_in: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    speech_out: frozenset[str]
    detects_language: bool = False


def _codes(spaced: str) -> frozenset[str]:
    return frozenset(spaced.split())


ENGINE_SETS: Mapping[str, EngineSet] = MappingProxyType(
    {
        # Amazon Transcribe's streaming languages, Translate's, and Polly's voices.
        "aws": EngineSet(
            speech_in=_codes(
                "af ar ca cs da de el en es eu fa fi fr gl he hi hr id it ja ko lv ms nl no pl pt ro ru sk sr sv th tl"
                " uk vi zh"
            ),
            pairs=frozenset(permutations(frozenset(LANGUAGES) - {"be", "eu", "gl", "ne"}, 2)),
            speech_out=_codes("ar ca cs cy da de en es fi fr hi is it ja ko nl no pl pt ro ru sv tr zh"),
        ),
        "embedded": EngineSet(
            speech_in=frozenset({"en", "es"}),
            pairs=frozenset(permutations(("ca", "en", "es"), 2)),
            speech_out=frozenset(LANGUAGES) - {"gl", "he", "ja", "tl"},
        ),
        # With its default models: Whisper, M2M-100 and Kokoro.
        "whisper": EngineSet(
            speech_in=frozenset(LANGUAGES) - {"ga"},
            pairs=frozenset(permutations(frozenset(LANGUAGES) - {"eu", "te"}, 2)),
            speech_out=frozenset({"en", "es", "fr", "hi", "it", "pt"}),
            detects_language=True,
        ),
        "scripted": EngineSet(
            speech_in=frozenset({"de", "en", "es"}),
            pairs=frozenset(permutations(("de", "en", "es", "fr"), 2)),
            speech_out=frozenset({"de", "en", "es"}),
        ),
    }
)


def language_list(engines: EngineSet) -> dict[str, Any]:
    """Every language a session may be created in, and what the running engines can do in it."""
    written = {code for pair in engines.pairs for code in pair}
    return {
        "object": "list",
        "data": [
            {
                "id": code,
                "object": "language",
                "code": code,
                "name": name,
                "speech_in": code in engines.speech_in,
                "text": code in written,
                "speech_out": code in engines.speech_out,
            }
            for code, name in LANGUAGES.items()
        ],
        "has_more": False,
        "url": "/v1/languages",
    }
