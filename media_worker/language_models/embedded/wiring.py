"""The language model `embedded`. No options of its own."""

from __future__ import annotations

from media_worker.language_models.base import LanguageModel
from media_worker.language_models.embedded.model import EmbeddedModel
from media_worker.language_models.registry import ModelSettings


def build(settings: ModelSettings) -> LanguageModel:
    return EmbeddedModel()
