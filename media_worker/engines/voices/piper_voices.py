"""Which Piper voices a folder holds: `<locale>-<speaker>-<quality>.onnx`, each with its description beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from media_worker.engines.registry import EnginesNotAvailable

# As their publisher calls some of the product's languages.
_OTHER_NAMES: Mapping[str, str] = MappingProxyType({"nb": "no", "nn": "no", "cmn": "zh"})


@dataclass(frozen=True, slots=True)
class PiperVoice:
    """`name` is the file's: `de_DE-thorsten-medium`."""

    name: str
    language: str
    rate_hz: int
    path: Path

    def is_called(self, name: str) -> bool:
        """By its whole name or by the speaker's, `thorsten`."""
        return name in (self.name, *self.name.split("-")[1:2])


class _Audio(BaseModel):
    sample_rate: int = Field(ge=8000, le=48000)


class _Language(BaseModel):
    family: str


class _Description(BaseModel):
    """What we need of it. Phonemes of other kinds want packages of their own, or dictionaries that piper fetches."""

    audio: _Audio
    phoneme_type: Literal["espeak", "text"] = "espeak"
    language: _Language | None = None


def voices_in(folder: Path, known: frozenset[str]) -> tuple[PiperVoice, ...]:
    """In the order of their names; those of languages that are not `known` are left alone.

    Raises EnginesNotAvailable for a voice without a description, or with one that is damaged or not served.
    """
    voices = (_voice(path) for path in sorted(folder.glob("*.onnx")))
    return tuple(voice for voice in voices if voice.language in known)


def _voice(path: Path) -> PiperVoice:
    beside = path.with_name(f"{path.name}.json")
    try:
        description = _Description.model_validate_json(beside.read_bytes())
    except FileNotFoundError:
        raise EnginesNotAvailable(f"{beside} is missing") from None
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"]) or "all of it"
        raise EnginesNotAvailable(f"{beside} is damaged, or of a kind that is not served ({field})") from None
    family = description.language.family if description.language else path.stem.partition("_")[0]
    return PiperVoice(path.stem, _OTHER_NAMES.get(family, family), description.audio.sample_rate, path)
