"""Keeps ECS from stopping a task that holds calls, for a deployment or because there are too many of them.

The agent's endpoint is asked by the task itself. A protection ends by itself after an hour, so a worker that dies
cannot block its service; it does not keep a task from being retired, which is what the hand-over is for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

_log = logging.getLogger(__name__)
_PATH = "/task-protection/v1/state"
_LOOK_S = 1.0
_EXPIRES_MIN = 60
_RENEW_S = 20 * 60.0
_AGAIN_S = 30.0
_ANSWER_S = 5.0


@dataclass(slots=True)
class Plan:
    """When to ask for what. Pure; times are monotonic seconds."""

    protected: bool = False
    asked_at: float | None = None
    failed: bool = False

    def wanted(self, busy: bool, now: float) -> bool | None:
        """What to ask the agent for now; None when nothing is to be asked."""
        since = float("inf") if self.asked_at is None else now - self.asked_at
        if self.failed:
            return busy if since >= _AGAIN_S else None
        if busy != self.protected or (busy and since >= _RENEW_S):
            return busy
        return None

    def answered(self, asked_for: bool, done: bool, now: float) -> None:
        self.asked_at, self.failed = now, not done
        self.protected = asked_for if done else self.protected


class Protection:
    """A failure is logged and tried again; calls go on without."""

    def __init__(self, agent_uri: str) -> None:
        self._url = agent_uri + _PATH
        self._plan = Plan()
        self._http: aiohttp.ClientSession | None = None

    async def run(self, is_busy: Callable[[], bool]) -> None:
        now = asyncio.get_running_loop().time
        while True:
            wanted = self._plan.wanted(is_busy(), now())
            if wanted is not None:
                self._plan.answered(wanted, await self._ask(wanted), now())
            await asyncio.sleep(_LOOK_S)

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def _ask(self, protect: bool) -> bool:
        body = {"ProtectionEnabled": protect} | ({"ExpiresInMinutes": _EXPIRES_MIN} if protect else {})
        try:
            async with self._session().put(self._url, json=body) as answer:
                # A task that is not a service's is refused with 200 and a failure inside.
                refused = answer.status != 200 or "failure" in await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            _log.warning("task protection could not be asked for", extra={"code": type(error).__name__})
            return False
        if refused:
            _log.warning("task protection was refused", extra={"code": str(answer.status)})
        return not refused

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_S))
        return self._http
