"""A folder of models for the engine set `whisper`, made on the spot."""

from __future__ import annotations

from pathlib import Path

from tests.models import buzzing, copying, melody


def build(folder: Path, says: str | None = None) -> Path:
    melody.build(folder / "recognition", says)
    copying.build(folder / "translation" / "m2m100")
    buzzing.build(folder / "voices" / "kokoro")
    return folder
