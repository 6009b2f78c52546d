"""The Piper program as an engine needs it: started, asked a clause at a time, and started again when it has died.

All voices are loaded when the program starts, so that a damaged one stops the worker and not a call, and no listener
waits for a voice to be loaded. It costs the size of each model in memory, once per engine process.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from media_worker.engines.base import EngineError
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.voices.piper_child import ChildIsGone, ChildIsLate, PiperChild

_PROGRAM = Path(__file__).with_name("piper_program.py")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waits:
    """Both end before the pool stops waiting for the same (`engines.pool_requests.Timeouts`)."""

    start_s: float = 50.0
    clause_s: float = 4.5


def program(voices: Sequence[Path], threads: int) -> list[str]:
    """Isolated: nothing of the product is on its path."""
    return [sys.executable, "-I", str(_PROGRAM), str(threads), *(str(voice) for voice in voices)]


class PiperLink:
    """For one thread. `command` is `program(…)`."""

    def __init__(
        self, command: Sequence[str], waits: Waits | None = None, time: Callable[[], float] = time.monotonic
    ) -> None:
        """Raises EnginesNotAvailable with what the program says."""
        self._command = command
        self._waits = waits or Waits()
        self._time = time
        self._closed = False
        self._child = PiperChild(command, time)
        try:
            self._start(self._child.started_at + self._waits.start_s)
        except (ChildIsLate, ChildIsGone) as error:
            self._child.end(at_once=True)
            raise EnginesNotAvailable(str(error) or "the program that speaks with Piper does not start") from None

    @property
    def pid(self) -> int:
        return self._child.pid

    def speak(self, voice: int, text: str) -> bytes:
        """PCM at the voice's rate. After a death, or a wait in vain, the program is started again for the next try."""
        if self._closed:
            raise EngineError("engines_closed")
        by = self._time() + self._waits.clause_s
        try:
            return self._spoken(voice, text, by)
        except ChildIsLate:
            if not self._child.ready and self._time() - self._child.started_at < self._waits.start_s:
                raise EngineError("voice_starting", retryable=True) from None
            self._again("stands still")
            raise EngineError("voice_timed_out", retryable=True) from None
        except ChildIsGone:
            self._again("has died")
            raise EngineError("voice_process_died", retryable=True) from None

    def close(self) -> None:
        self._closed = True
        self._child.end()

    def _spoken(self, voice: int, text: str, by: float) -> bytes:
        if not self._child.lives:
            self._again("was not there any more")
        if not self._child.ready:
            self._start(by)
        self._child.ask(json.dumps({"voice": voice, "text": text}).encode())
        letter, body = self._child.answer(by)
        if letter != b"a":
            _log.error("piper could not speak a clause: %s", body[:80].decode(errors="replace"))
            raise EngineError("voice_failed")
        return body

    def _start(self, by: float) -> None:
        letter, body = self._child.answer(by)
        if letter != b"r":
            raise ChildIsGone(body.decode(errors="replace"))
        self._child.ready = True

    def _again(self, why: str) -> None:
        _log.warning("the program that speaks with Piper %s; it is started again", why)
        self._child.end(at_once=True)
        self._child = PiperChild(self._command, self._time)
