"""The conversation as the agent remembers it: what the caller said, and its own words that were heard. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from core.domain.sessions import Role
from core.domain.transcripts import Turn
from media_worker.language_models.base import Message, Speaker, ToolRequest

_MOST = 60
_RUNNING = json.dumps({"status": "running"})


class Memory:
    """In the agent's language. Bounded: the oldest is forgotten, and never half of a tool call."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    def recall(self, turns: Iterable[Turn], language: str) -> None:
        """What an earlier worker has written down."""
        for turn in turns:
            text = turn.text
            if turn.language != language and turn.translation and turn.translation.language == language:
                text = turn.translation.text
            (self.caller if turn.speaker is Role.CUSTOMER else self.agent)(text)

    def caller(self, text: str) -> None:
        self._add(Speaker.CALLER, text)

    def agent(self, text: str) -> None:
        """What the caller has heard of it."""
        if text:
            self._add(Speaker.AGENT, text)

    def asked(self, request: ToolRequest) -> None:
        """It runs, and goes on running when the caller interrupts; until its answer is here it says so."""
        self._messages.append(Message(Speaker.AGENT, requests=(request,)))
        self._messages.append(Message(Speaker.TOOL, _RUNNING, answers=request.id))
        self._forget()

    def answered(self, request_id: str, text: str, *, failed: bool) -> None:
        for number, message in enumerate(self._messages):
            if message.answers == request_id:
                self._messages[number] = replace(message, text=text, failed=failed)

    def messages(self, said: str = "") -> tuple[Message, ...]:
        """`said` is what the agent is saying just now, before it goes on."""
        if not said:
            return tuple(self._messages)
        for number in range(len(self._messages) - 1, -1, -1):
            if self._messages[number].requests:
                before, request = self._messages[:number], self._messages[number]
                return (*before, replace(request, text=said), *self._messages[number + 1 :])
        return (*self._messages, Message(Speaker.AGENT, said))

    @property
    def is_callers_turn(self) -> bool:
        """Whether they wait for an answer."""
        return bool(self._messages) and self._messages[-1].speaker is Speaker.CALLER

    @property
    def question(self) -> str:
        """What the caller said last, since the agent was heard."""
        said = [message.text for message in self._messages if message.speaker is Speaker.CALLER]
        return said[-1] if said else ""

    def _add(self, speaker: Speaker, text: str) -> None:
        """Who goes on speaking says one thing: models take turns."""
        last = self._messages[-1] if self._messages else None
        if last is not None and last.speaker is speaker and not last.requests:
            self._messages[-1] = replace(last, text=f"{last.text} {text}")
        else:
            self._messages.append(Message(speaker, text))
        self._forget()

    def _forget(self) -> None:
        del self._messages[: max(0, len(self._messages) - _MOST)]
        while self._messages and self._messages[0].speaker is Speaker.TOOL:
            del self._messages[0]
