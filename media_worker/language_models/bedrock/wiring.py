"""The language model `bedrock`. Options: `model` (id or ARN of a model or an inference profile), `models`, `region`,
`endpoint_url`, `parallel`, `connect_s`, and the bounds of `registry.py`."""

from __future__ import annotations

from core.adapters.bedrock import bedrock_converse
from media_worker.language_models.base import LanguageModel
from media_worker.language_models.bedrock.model import BedrockModel
from media_worker.language_models.bounded import BoundedModel
from media_worker.language_models.registry import ModelSettings

_PARALLEL = 64


def build(settings: ModelSettings) -> LanguageModel:
    """Raises ModelNotAvailable."""
    bounds, parallel = settings.bounds(), max(1, int(settings.number("parallel", _PARALLEL)))
    converse = bedrock_converse(
        settings.options.get("endpoint_url"),
        settings.options.get("region"),
        connections=parallel,
        connect_s=settings.number("connect_s", 2.0),
        read_s=max(bounds.first_s, bounds.next_s) + 1.0,
    )
    return BoundedModel(BedrockModel(converse, settings.names(), parallel), bounds)
