"""The line of a call that we made: into the session as soon as somebody has taken the call, and not before."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.errors import KallglotError, NotFound
from core.services.streams import SessionEnded
from media_worker.sip.line import Ended, Line, LineRefused, Sound

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class AnsweredLine:
    """`answered` stores that the call is connected. What is said until the line is open waits in it (two seconds)."""

    line: Line
    participant: str
    answered: Callable[[], Awaitable[None]]

    @property
    def reconnects(self) -> int:
        return self.line.reconnects

    async def run(self, sound: Sound) -> Ended:
        try:
            await self.answered()
            await self.line.open(self.participant)
        except (SessionEnded, NotFound):
            return Ended.SESSION
        except (KallglotError, LineRefused) as error:
            _log.warning("a call was taken, and its session cannot be reached", extra={"code": str(error)})
            return Ended.UNREACHABLE
        return await self.line.run(sound)

    async def close(self) -> None:
        await self.line.close()
