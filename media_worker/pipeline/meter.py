"""What a session is billed for (contract section 7). Pure; times are monotonic seconds."""

from __future__ import annotations

from core.domain.sessions import Usage


class Meter:
    """Runs from the first audio while a leg is connected; goes on from the stored usage after a hand-over."""

    def __init__(self, stored: Usage, *, translating: bool) -> None:
        self._active_s = stored.active_s
        self._translation_s = stored.translation_s
        self._since: float | None = None
        self._translating = translating
        self._agent_s = stored.ai_agent_s
        self._agent_works = False

    @property
    def is_running(self) -> bool:
        return self._since is not None

    def run(self, now: float) -> None:
        self.read(now)
        if self._since is None:
            self._since = now

    def pause(self, now: float) -> None:
        """No leg is connected any more, or the session has ended."""
        self.read(now)
        self._since = None

    def translate(self, now: float, translating: bool) -> None:
        self.read(now)
        self._translating = translating

    def work(self, now: float, working: bool) -> None:
        """An agent of ours thinks or speaks, or does so no more."""
        self.read(now)
        self._agent_works = working

    def read(self, now: float) -> Usage:
        if self._since is not None:
            passed_s = max(0.0, now - self._since)
            self._active_s += passed_s
            self._translation_s += passed_s if self._translating else 0.0
            self._agent_s += passed_s if self._agent_works else 0.0
            self._since = max(now, self._since)
        return Usage(self._active_s, self._translation_s, self._agent_s)
