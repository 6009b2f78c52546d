"""A model behind an OpenAI-compatible endpoint, by OpenAI's own client. One try; `BoundedModel` makes another one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager

import openai
from openai import AsyncOpenAI

from media_worker.language_models.base import ModelError, Piece, Prompt
from media_worker.language_models.names import ModelNames
from media_worker.language_models.openai_compatible.reading import Reading
from media_worker.language_models.openai_compatible.request import request


class OpenAICompatible:
    def __init__(self, client: AsyncOpenAI, names: ModelNames, limit_field: str) -> None:
        self._client = client
        self._names = names
        self._limit_field = limit_field

    async def answer(self, prompt: Prompt) -> AsyncIterator[Piece]:
        """Closing it closes the response's connection."""
        asked = request(prompt, self._names.id_of(prompt.model), self._limit_field)
        reading = Reading(prompt)
        with _faults():
            async with aclosing(await self._client.chat.completions.create(**asked)) as chunks:
                async for chunk in chunks:
                    for piece in reading.read(chunk):
                        yield piece
        for piece in reading.end():
            yield piece

    async def close(self) -> None:
        await self._client.close()


@contextmanager
def _faults() -> Iterator[None]:
    """What went wrong, by its type; never by its text, which may quote the conversation."""
    try:
        yield
    except openai.APIError as error:
        raise _told(error) from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise ModelError("model_answer_unreadable", retryable=True) from None


def _told(error: openai.APIError) -> ModelError:
    if isinstance(error, openai.APITimeoutError):
        return ModelError("model_timeout", retryable=True)
    if isinstance(error, openai.APIConnectionError):
        return ModelError("model_unavailable", retryable=True)
    if isinstance(error, openai.RateLimitError):
        used_up = error.code == "insufficient_quota"
        return ModelError("model_quota_used_up" if used_up else "model_throttled", retryable=not used_up)
    if isinstance(error, openai.APIStatusError):
        return _answered(error)
    # An error in the middle of the stream, without a status.
    return ModelError("model_failed", retryable=True)


def _answered(error: openai.APIStatusError) -> ModelError:
    if error.status_code >= 500 or error.status_code in (408, 409):
        return ModelError("model_unavailable", retryable=True)
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return ModelError("model_refused")
    if isinstance(error, openai.NotFoundError):
        return ModelError("model_not_found")
    return ModelError("prompt_too_long" if error.code == "context_length_exceeded" else "model_request_rejected")
