"""Translation inside an engine process: whatever has arrived goes to the engine as one batch."""

from __future__ import annotations

from collections.abc import Callable

from media_worker.engines.base import TranslationRequest, Translator
from media_worker.engines.failures import failed, translated
from media_worker.engines.hearing import Measure
from media_worker.engines.pool_messages import Cancel, Message, Translate, Translated

BATCH = 32


class Translating:
    def __init__(self, engine: Translator, send: Callable[[Message], None], measure: Measure) -> None:
        self._engine = engine
        self._send = send
        self._measure = measure
        self._waiting: dict[int, TranslationRequest] = {}

    @property
    def idle(self) -> bool:
        return not self._waiting

    def accept(self, message: Translate | Cancel) -> None:
        if isinstance(message, Translate):
            self._waiting[message.request] = TranslationRequest(message.text, message.source, message.target)
        else:
            self._waiting.pop(message.request, None)

    def work(self) -> None:
        numbers = list(self._waiting)[:BATCH]
        self._translate({number: self._waiting.pop(number) for number in numbers})

    def _translate(self, batch: dict[int, TranslationRequest]) -> None:
        if not batch:
            return
        try:
            with self._measure("translate", len(batch)):
                texts = self._engine.translate(list(batch.values()))
            for number, text in zip(batch, texts, strict=True):
                self._send(Translated(number, text))
        except Exception as error:
            self._blame(batch, error)

    def _blame(self, batch: dict[int, TranslationRequest], error: Exception) -> None:
        """One bad sentence must not cost the others theirs: a failed batch is tried again one by one."""
        if len(batch) == 1:
            self._send(failed(next(iter(batch)), translated(error)))
            return
        for number, request in batch.items():
            self._translate({number: request})
