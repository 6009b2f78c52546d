"""The language models under contract, and how each is made to say things, to call tools and to fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from media_worker.language_models import registry
from media_worker.language_models.base import LanguageModel
from media_worker.language_models.registry import ModelSettings
from tests.fakes.model_servers import BedrockWire, ModelServer, OpenAIWire, Wire


@dataclass(frozen=True)
class Kind:
    """`options` are for a server of that address. `codes` are the provider's words for refusals and failures, as
    `(status, code)` and by name."""

    name: str
    wire: Callable[[], Wire]
    options: Callable[[str], dict[str, str]]
    throttled: tuple[int, str]
    used_up: tuple[int, str]
    forbidden: tuple[int, str]
    unknown: tuple[int, str]
    invalid: tuple[int, str]
    broken: tuple[int, str]
    failing: str
    filtered: str

    def build(self, server: ModelServer, **options: str) -> LanguageModel:
        return registry.build(self.name, ModelSettings(self.options(server.url) | options, lambda name: b"a key"))


REMOTE = (
    Kind(
        "openai",
        OpenAIWire,
        lambda url: {"model": "m", "models": "fast=small", "base_url": f"{url}/v1", "api_key_secret": "key"},
        throttled=(429, "rate_limit_exceeded"),
        used_up=(429, "insufficient_quota"),
        forbidden=(401, "invalid_api_key"),
        unknown=(404, "model_not_found"),
        invalid=(400, "invalid"),
        broken=(500, ""),
        failing="server_error",
        filtered="content_filter",
    ),
    Kind(
        "bedrock",
        BedrockWire,
        lambda url: {"model": "m", "models": "fast=small", "endpoint_url": url, "region": "eu-central-1"},
        throttled=(429, "ThrottlingException"),
        used_up=(400, "ServiceQuotaExceededException"),
        forbidden=(403, "AccessDeniedException"),
        unknown=(404, "ResourceNotFoundException"),
        invalid=(400, "ValidationException"),
        broken=(500, "InternalServerException"),
        failing="modelStreamErrorException",
        filtered="content_filtered",
    ),
)
