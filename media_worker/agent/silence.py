"""How long nobody has said anything, and what is to be done about it. Pure; times are monotonic seconds."""

from __future__ import annotations

from core.domain.agents import SilencePrompts


class Silence:
    """Without `prompts` it is borne. After the last of them, and as long again, there is no hope of an answer."""

    def __init__(self, prompts: SilencePrompts | None, now: float) -> None:
        self._prompts = prompts
        self._since = now
        self._asked = 0

    def broken(self, now: float) -> None:
        """By whomever, or the agent is at work."""
        self._since = now

    def answered(self, now: float) -> None:
        """By words of the caller."""
        self._since, self._asked = now, 0

    def prompt(self, now: float) -> str | None:
        if self._prompts is None or self._asked >= self._prompts.times or not self._is_long(now):
            return None
        self._asked += 1
        self._since = now
        return self._prompts.text

    def is_hopeless(self, now: float) -> bool:
        return self._prompts is not None and self._asked >= self._prompts.times and self._is_long(now)

    def _is_long(self, now: float) -> bool:
        return self._prompts is not None and now - self._since >= self._prompts.after_s
