"""The embedded model: finds sentences in passages, fills a tool's parameters, and says what came of it.

It is no language model and writes no sentence of its own: what it says is a passage's, a template's or a tool's. The
system prompt is not read, so it is followed in nothing and given away to nobody. The same prompt has the same answer.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from media_worker.language_models.base import Message, ModelError, Piece, Prompt, Speaker, Text, ToolRequest
from media_worker.language_models.embedded import tools as tool_words
from media_worker.language_models.embedded.dialogue import Dialogue, Intent
from media_worker.language_models.embedded.extraction import Extract, extract
from media_worker.language_models.embedded.phrases import Phrases, phrases
from media_worker.language_models.embedded.results import say
from media_worker.language_models.embedded.slots import Slot
from media_worker.language_models.embedded.words import has_phrase, spread, tokens

_MOST_OFFERS = 3
_MOST_CHOICES = 5
_SMALL_TALK = 6
_WORD = re.compile(r"\s*\S+")


def _utc_today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class EmbeddedModel:
    """`today` is the date that "tomorrow" is read by."""

    today: Callable[[], date] = _utc_today

    async def answer(self, prompt: Prompt) -> AsyncIterator[Piece]:
        """Raises ModelError for a language that it has no phrases in, and for an agent that names another model."""
        if prompt.model not in (None, "embedded"):
            raise ModelError("model_not_known")
        said = _Answer(prompt, phrases(prompt.language), self.today()).decide()
        if isinstance(said, ToolRequest):
            yield said
            return
        for word in _WORD.findall(said)[: prompt.max_tokens]:
            yield Text(word)

    async def close(self) -> None:
        """Holds nothing."""


@dataclass(frozen=True, slots=True)
class _Answer:
    prompt: Prompt
    known: Phrases
    today: date

    def decide(self) -> str | ToolRequest:
        messages = self.prompt.messages
        if not messages:
            return self.known.says("greeting")
        if messages[-1].speaker is Speaker.TOOL:
            return self._result(messages[-1])
        return self._reply(messages[-1].text)

    def _reply(self, text: str) -> str | ToolRequest:
        if tool_words.wants_a_person(text, self.known):
            return self._transfer()
        before = Dialogue(self.prompt.tools, self.known, self.today)
        before.follow(self.prompt.messages[:-1])
        if before.intent is not None and tool_words.cancels(text, self.known):
            return self.known.says("cancelled")
        intent = before.follow(self.prompt.messages[-1:])
        found = extract(text, self.prompt.passages, self.known)
        if intent is not None and _is_meant(intent, found):
            return self._act(intent)
        if found is not None:
            return f"{found.text} [{found.number}]"
        return self._act(intent) if intent is not None else self._small_talk(text)

    def _act(self, intent: Intent) -> str | ToolRequest:
        missing = intent.missing
        return self._ask(missing) if missing else self._request(intent.tool.name, dict(intent.values))

    def _request(self, name: str, arguments: dict[str, object]) -> ToolRequest:
        made = sum(len(message.requests) for message in self.prompt.messages)
        return ToolRequest(f"call_{made + 1}", name, arguments)

    def _ask(self, slot: Slot) -> str:
        choices = [str(one).replace("_", " ") for one in slot.schema.get("enum") or ()][:_MOST_CHOICES]
        if choices:
            return self.known.says("ask_choice", slot=slot.called, choices=_listed(choices, self.known.says("or")))
        return self.known.says("ask", slot=slot.called)

    def _transfer(self) -> str | ToolRequest:
        tool = tool_words.transfer_of(self.prompt.tools)
        return self._request(tool.name, {}) if tool else self.known.says("no_transfer")

    def _result(self, message: Message) -> str:
        if message.failed:
            return self.known.says("failed")
        requests = {request.id: request.name for one in self.prompt.messages for request in one.requests}
        name = requests.get(message.answers or "")
        return say(message.text, next((tool for tool in self.prompt.tools if tool.name == name), None), self.known)

    def _small_talk(self, text: str) -> str:
        if len(tokens(text)) <= _SMALL_TALK:
            if has_phrase(text, self.known.words("thanking")):
                return self.known.says("thanks")
            if has_phrase(text, self.known.words("hello")):
                return self.known.says("greeting")
        return f"{self.known.says('nothing')} {self._offer()}"

    def _offer(self) -> str:
        names = [spread(tool.name) for tool in tool_words.offered(self.prompt.tools)][:_MOST_OFFERS]
        if tool_words.transfer_of(self.prompt.tools):
            names.append(self.known.says("transfer_offer"))
        return self.known.says("offer", offers=_listed(names, self.known.says("or"))) if names else self._rephrase()

    def _rephrase(self) -> str:
        return self.known.says("rephrase")


def _is_meant(intent: Intent, found: Extract | None) -> bool:
    """A tool goes before a passage that fits no better; one that this turn said nothing of waits."""
    return intent.brought or (intent.score > 0 and (found is None or intent.score >= found.score))


def _listed(items: list[str], last: str) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"
