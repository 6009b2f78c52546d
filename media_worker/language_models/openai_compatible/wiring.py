"""The language model `openai`. Options: `model`, `models`, `base_url` (OpenAI's own without one), `api_key_secret` (the
name or ARN of a secret that is the key), `limit_field`, `connect_s`, and the bounds of `registry.py`."""

from __future__ import annotations

from openai import AsyncOpenAI, Timeout

from core.errors import DependencyRefused, Unavailable
from media_worker.language_models.base import LanguageModel
from media_worker.language_models.bounded import BoundedModel
from media_worker.language_models.openai_compatible.model import OpenAICompatible
from media_worker.language_models.registry import ModelNotAvailable, ModelSettings

_OPENAI = "https://api.openai.com/v1"
_LIMIT_FIELDS = ("max_completion_tokens", "max_tokens")


def build(settings: ModelSettings) -> LanguageModel:
    """Raises ModelNotAvailable."""
    options, bounds = settings.options, settings.bounds()
    base_url = options.get("base_url", _OPENAI)
    if not base_url.startswith(("http://", "https://")):
        raise ModelNotAvailable(f"base_url is where the API is, such as {_OPENAI}, not {base_url!r}")
    client = AsyncOpenAI(
        base_url=base_url,
        api_key=_key(settings, base_url),
        # Read times out a little later than the bounds do, which say it better.
        timeout=Timeout(bounds.first_s + 1.0, connect=settings.number("connect_s", 2.0)),
        max_retries=0,
    )
    return BoundedModel(OpenAICompatible(client, settings.names(), _limit_field(settings, base_url)), bounds)


def _key(settings: ModelSettings, base_url: str) -> str:
    """A server of one's own often wants none, and the client insists on one."""
    secret = settings.options.get("api_key_secret")
    if secret is None:
        if base_url == _OPENAI:
            raise ModelNotAvailable("OpenAI wants a key: api_key_secret names the secret that it is in")
        return "none"
    if settings.read_secret is None:
        raise ModelNotAvailable("api_key_secret is given, and nobody here reads secrets")
    try:
        return settings.read_secret(secret).decode().strip()
    except (Unavailable, DependencyRefused) as error:
        raise ModelNotAvailable(f"api_key_secret: {error}") from error


def _limit_field(settings: ModelSettings, base_url: str) -> str:
    """OpenAI's newer models refuse the older name, and other servers may not know the newer one."""
    chosen = settings.options.get("limit_field", _LIMIT_FIELDS[0] if base_url == _OPENAI else _LIMIT_FIELDS[1])
    if chosen not in _LIMIT_FIELDS:
        raise ModelNotAvailable(f"limit_field is one of {', '.join(_LIMIT_FIELDS)}, not {chosen!r}")
    return chosen
