"""One stretch of the agent's speech: a script spoken in the caller's language, until its end or a cut."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

from media_worker.agent.script import Script
from media_worker.pipeline.latency import Stage
from media_worker.pipeline.unfolding import Clause, cut_at, words_until
from media_worker.pipeline.utterance import Said


@dataclass(frozen=True, slots=True)
class Room:
    """What an answer needs of the conversation. `render` turns a clause into the caller's language; None where that
    cannot be done. `elapsed_s` is the session's clock."""

    render: Callable[[str], Awaitable[str | None]]
    time: Callable[[], float]
    elapsed_s: Callable[[], float]


@dataclass(slots=True)
class Answer:
    """`pipeline.unfolding.Unfolding`. `sounding` is told whenever a clause begins, `ended` once, when it is over.

    `heard` and `rendered` are the words that the caller heard, in the agent's language and in the caller's; `is_whole`
    when nothing of the script was left.
    """

    said: Said
    script: Script
    room: Room
    sounding: Callable[[Answer], None]
    ended: Callable[[Answer], None]
    heard: str = ""
    rendered: str = ""
    is_whole: bool = False
    began_s: float | None = None
    _own: list[str] = field(default_factory=list)
    _clauses: list[Clause] = field(default_factory=list)

    async def clauses(self) -> AsyncGenerator[Clause, None]:
        while (own := await self.script.next()) is not None:
            self._lap(Stage.MODEL)
            self._own.append(own)
            clause = Clause("")
            self._clauses.append(clause)
            clause.text = await self.room.render(own) or own
            self._lap(Stage.MT)
            self.sounding(self)
            yield clause

    def began(self) -> None:
        """Its first sound is being played."""
        self.began_s = self.room.elapsed_s()

    async def read(self) -> None:
        """For a caller who reads, because no voice speaks their language."""
        try:
            async for _ in self.clauses():
                pass
        finally:
            self._end(len(self._own), 0.0)

    def over(self, heard_s: float) -> None:
        cut = cut_at(self._clauses, heard_s)
        self._end(cut.whole, cut.share)

    def _end(self, whole: int, share: float) -> None:
        own, rendered = self._own[:whole], [clause.text for clause in self._clauses[:whole]]
        left = self._own[whole:]
        if left:
            said, rest = words_until(left[0], share)
            own.append(said)
            rendered.append(words_until(self._clauses[whole].text, share)[0])
            left = [rest, *left[1:]] if rest else left[1:]
        self.heard, self.rendered = " ".join(filter(None, own)), " ".join(filter(None, rendered))
        self.script.again(left)
        self.is_whole = self.script.is_over
        self.ended(self)

    @property
    def so_far(self) -> tuple[str, str]:
        """What is being said, in both languages."""
        return " ".join(self._own), " ".join(clause.text for clause in self._clauses)

    def _lap(self, stage: Stage) -> None:
        if len(self._clauses) <= 1 and self.began_s is None:
            self.said.watch.lap(stage, self.room.time())
