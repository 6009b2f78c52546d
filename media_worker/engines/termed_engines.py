"""Engines that know a session's terms: recognition is told them, and translation is held to them.

Written once around whatever `ports.Engines` there is, since no two translators take a glossary in the same way. A
sentence with terms is asked for twice at once, as it is and with a reference (QX-100) in place of each term: engines
batch, so the second costs little and no time. As it is reads best, and is taken where it holds all terms by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from media_worker.engines.base import Capabilities, EngineError, SpeechRequest, StreamSpec
from media_worker.engines.ports import Engines, Listener
from media_worker.engines.vocabulary import Vocabulary

MOST_HINTS = 64
"""A recogniser that looks at hints has room for fewer."""


class TermedEngines:
    """`ports.Engines`."""

    def __init__(self, engines: Engines, vocabulary: Vocabulary) -> None:
        self._engines = engines
        self._vocabulary = vocabulary

    @property
    def capabilities(self) -> Capabilities:
        return self._engines.capabilities

    def telling(self, on_notice: Callable[[str], None]) -> TermedEngines:
        return TermedEngines(self._engines.telling(on_notice), self._vocabulary)

    def listen(self, spec: StreamSpec, on_partial: Callable[[str], None]) -> Listener:
        """What the session hints at comes first: a recogniser hears so many hints only."""
        hints = tuple(dict.fromkeys((*spec.hints, *self._vocabulary.spoken_in(spec.language))))[:MOST_HINTS]
        return self._engines.listen(replace(spec, hints=hints), on_partial)

    async def translate(self, text: str, source: str, target: str) -> str:
        wording = self._vocabulary.wording(source, target)
        if not wording.wanted(text):
            return await self._engines.translate(text, source, target)
        marked = wording.marked(text)
        plain, held = await asyncio.gather(
            self._engines.translate(text, source, target), self._tried(marked.text, source, target)
        )
        if not (missing := wording.missing(text, plain)):
            return plain
        restored = marked.restored(held) if held is not None else None
        if restored is None or len(wording.missing(text, restored)) >= len(missing):
            return plain
        return restored

    async def _tried(self, text: str, source: str, target: str) -> str | None:
        """A translation that may fail, where there is another one."""
        try:
            return await self._engines.translate(text, source, target)
        except EngineError:
            return None

    def speak(self, request: SpeechRequest) -> AsyncIterator[bytes]:
        return self._engines.speak(request)

    async def close(self) -> None:
        await self._engines.close()
