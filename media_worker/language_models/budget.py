"""What one session may spend on its language model, and when an answer must be the last one. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.domain.agents import Caps
from media_worker.language_models.base import Prompt, Spent

_MILLION = 1_000_000
_LETTERS_OF_A_TOKEN = 3
_LEAST_ANSWER = 32


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per million tokens."""

    read: float = 0.0
    written: float = 0.0

    def of(self, spent: Spent) -> float:
        return (spent.read * self.read + spent.written * self.written) / _MILLION


@dataclass(slots=True)
class Budget:
    """Counts answers as they end. Before each one ask `is_used_up`, then `is_last`: an answer after which no other one
    of its size would fit should say goodbye or hand over. `answer_tokens` is what it may write."""

    caps: Caps
    prices: Prices = Prices()
    read: int = 0
    written: int = 0
    _largest: Spent = field(default_factory=lambda: Spent(0, 0))

    def add(self, spent: Spent) -> None:
        self.read += spent.read
        self.written += spent.written
        self._largest = Spent(max(self._largest.read, spent.read), max(self._largest.written, spent.written))

    def add_untold(self, prompt: Prompt, said: str) -> None:
        """An answer that ended before it told its usage. Of a model that has never told any, nothing counts."""
        if self._largest.read:
            self.add(estimated(prompt, said))

    @property
    def cost(self) -> float:
        return self.prices.of(Spent(self.read, self.written))

    @property
    def answer_tokens(self) -> int:
        """What is left of the session's tokens, at most an answer's; enough for a goodbye in any case."""
        if self.caps.tokens is None:
            return self.caps.answer_tokens
        left = self.caps.tokens - self.read - self.written
        return max(_LEAST_ANSWER, min(self.caps.answer_tokens, left))

    @property
    def is_used_up(self) -> bool:
        return self._fits_not(0)

    @property
    def is_last(self) -> bool:
        """Answers grow with the conversation: the next is taken to be as large as the largest, and another after it."""
        return self._fits_not(2)

    def _fits_not(self, more: int) -> bool:
        tokens = self.read + self.written + more * (self._largest.read + self._largest.written)
        cost = self.cost + more * self.prices.of(self._largest)
        return (self.caps.tokens is not None and tokens >= self.caps.tokens) or (
            self.caps.cost is not None and cost >= self.caps.cost
        )


def estimated(prompt: Prompt, said: str) -> Spent:
    """Where nobody counted: an answer that was closed before its end, a server that tells no usage. Rather too many."""
    read = [prompt.system, *(message.text for message in prompt.messages), *(one.text for one in prompt.passages)]
    read += [f"{tool.name}{tool.description}{tool.parameters}" for tool in prompt.tools]
    return Spent(_tokens(sum(map(len, read))), _tokens(len(said)))


def _tokens(letters: int) -> int:
    return -(-letters // _LETTERS_OF_A_TOKEN)
