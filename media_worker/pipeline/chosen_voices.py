"""Which voice speaks a language in one session: the one it asked for, or the language's default."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, cast

from media_worker.engines.base import EngineError, SpeechRequest
from media_worker.engines.ports import Engines

UNKNOWN = "voice_unknown"


class ChosenVoices:
    """`wanted` are names by language, as in `core.domain.sessions.Session.voices`.

    A name that the engines do not know is asked for once, and never silences a call. `on_unknown` is then called with
    its language.
    """

    def __init__(
        self, wanted: Mapping[str, str], engines: Engines, on_unknown: Callable[[str], None] = lambda language: None
    ) -> None:
        self._wanted = dict(wanted)
        self._engines = engines
        self._on_unknown = on_unknown

    async def speak(self, text: str, language: str, rate_hz: int) -> AsyncGenerator[bytes, None]:
        """PCM in pieces. Raises EngineError."""
        request = SpeechRequest(text, language, rate_hz, self._wanted.get(language))
        try:
            async with aclosing(self._spoken(request)) as pieces:
                async for pcm in pieces:
                    yield pcm
            return
        except EngineError as error:
            # Engines say so before any sound.
            if request.voice is None or error.code != UNKNOWN:
                raise
        self._forget(language)
        async with aclosing(self._spoken(SpeechRequest(text, language, rate_hz))) as pieces:
            async for pcm in pieces:
                yield pcm

    def _spoken(self, request: SpeechRequest) -> Any:
        """What engines return is a generator, which has to be closed."""
        return cast("Any", self._engines.speak(request))

    def _forget(self, language: str) -> None:
        """Several listeners may have found out at once; it is told once."""
        if self._wanted.pop(language, None) is not None:
            self._on_unknown(language)
