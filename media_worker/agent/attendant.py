"""Who speaks when: an agent of ours in conversation with one caller.

    listening ──caller's final──▶ answering ──heard to its end──▶ listening
                                     │  ▲
                        caller stirs │  │ it was a back-channel, a noise, or not understood
                                     ▼  │
                                  cut short ──caller's final──▶ answering, anew

Who starts to speak is not spoken to any longer, before anybody knows what it will be. What was cut waits until that is
known: it goes on where it broke off, or is dropped, and then the agent remembers only what was heard.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.domain.agents import AgentSpec
from media_worker.agent.answer import Answer
from media_worker.agent.backchannels import is_backchannel
from media_worker.agent.memory import Memory
from media_worker.agent.phrases import Phrase, phrase
from media_worker.agent.script import Script
from media_worker.agent.silence import Silence
from media_worker.pipeline.latency import Stopwatch
from media_worker.pipeline.utterance import Said

_log = logging.getLogger(__name__)


class Desk(Protocol):
    """Where the agent sits: what it can do in the conversation."""

    def answer(self, script: Script, watch: Stopwatch, ended: Callable[[Answer], None]) -> Answer:
        """Begin to speak, as soon as the caller is silent and the script has words."""
        ...

    def keep(self, answer: Answer) -> None:
        """Write down what was heard."""
        ...

    def hush(self) -> None:
        """Stop speaking at once."""
        ...

    def tell(self, code: str) -> None: ...

    def work(self, working: bool) -> None:
        """For the meter."""
        ...

    def end(self, *, silent: bool) -> None:
        """The call is over: because the caller is `silent`, or because a limit is reached."""
        ...


class Compose(Protocol):
    async def __call__(self, script: Script) -> None:
        """Fill a script with the answer to what the memory holds. Raises ModelError."""
        ...


@dataclass(slots=True)
class Attendant:
    spec: AgentSpec
    language: str
    desk: Desk
    compose: Compose
    memory: Memory
    time: Callable[[], float]
    most_waiting: int = 16
    _silence: Silence = field(init=False)
    _composing: asyncio.Task[None] | None = None
    _live: Answer | None = None
    _cut: Answer | None = None
    _unclear: int = 0
    _closed: bool = False
    _last_words: Callable[[], None] | None = None
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._silence = Silence(self.spec.silence, self.time())

    @property
    def is_busy(self) -> bool:
        """It thinks, speaks, or waits to go on speaking."""
        return self._composing is not None or self._live is not None or self._cut is not None

    def begin(self, *, resumed: bool) -> None:
        """The caller is there. One whose call goes on here is not greeted again, but answered where that is due."""
        if resumed and self.memory.is_callers_turn:
            self._answer(Stopwatch(self.time()))
        elif not resumed and self.spec.greeting:
            self._recite(self.spec.greeting)

    # What the caller does

    def stirred(self) -> None:
        self._silence.broken(self.time())

    def fell_silent(self, *, spoke: bool) -> None:
        """`spoke`: it was speech, and `heard` or `unheard` will follow."""
        self._silence.broken(self.time())
        if spoke:
            self._unclear += 1
        elif not self._unclear:
            self._go_on()

    def unheard(self) -> None:
        """What was said could not be made out."""
        self._unclear = max(0, self._unclear - 1)
        if not self._unclear:
            self._go_on()

    def heard(self, said: Said, text: str) -> None:
        """`text` is what was said, in the agent's language."""
        self._unclear = max(0, self._unclear - 1)
        self._silence.answered(self.time())
        if self._last_words is not None:
            self._close_with_last_words()
        if self._closed:
            return
        if self._is_aside(said):
            self._go_on()
            return
        self._drop()
        self.memory.caller(text)
        if not self._closed:
            self._answer(said.watch.copy())

    def tick(self, now: float, elapsed_s: float) -> None:
        """A few times a second."""
        if self._closed or self._last_words is not None:
            return
        if self.spec.caps.duration_s is not None and elapsed_s >= self.spec.caps.duration_s:
            self._say_goodbye()
            return
        if self.is_busy or self._unclear:
            self._silence.broken(now)
            return
        if prompt := self._silence.prompt(now):
            self._recite(prompt)
        elif self._silence.is_hopeless(now):
            self.desk.end(silent=True)

    # The end

    def _say_goodbye(self) -> None:
        """The call ends when that was heard, or when the caller does not let us finish."""
        self._last_words = lambda: self.desk.end(silent=False)
        self._drop()
        self._recite(phrase(Phrase.LIMIT, self.language))

    def settle(self) -> None:
        """Nothing more is said; what was heard is written down."""
        self._closed = True
        self._stop_composing()
        self.desk.hush()

    async def close(self) -> None:
        self._closed = True
        self._stop_composing()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # Speaking

    def _is_aside(self, said: Said) -> bool:
        """Said while the agent had the floor, and no wish to take it."""
        return self.is_busy and self.spec.turn_taking.backchannels and is_backchannel(said.text, said.language)

    def _answer(self, watch: Stopwatch) -> None:
        script = Script(self.most_waiting)
        self._composing = self._spawn(self._composed(script))
        if self.spec.turn_taking.filler:
            self._spawn(self._fill(script, self.spec.turn_taking.filler))
        self._speak(script, watch)

    def _recite(self, text: str) -> None:
        script = Script(self.most_waiting)
        self._spawn(_written(script, text))
        self._speak(script, Stopwatch(self.time()))

    def _speak(self, script: Script, watch: Stopwatch) -> None:
        self.desk.work(True)
        self._live = self.desk.answer(script, watch, self._ended)

    async def _composed(self, script: Script) -> None:
        try:
            await self.compose(script)
        except Exception:
            _log.exception("an answer could not be made")
            self.desk.tell("agent_failed")
            await script.add(phrase(Phrase.FAILED, self.language))
        finally:
            if self._composing is asyncio.current_task():
                self._composing = None
        script.close()

    async def _fill(self, script: Script, filler: str) -> None:
        await asyncio.sleep(self.spec.turn_taking.filler_after_s)
        if not script.said_anything and not script.is_over:
            await script.add(filler)

    def _ended(self, answer: Answer) -> None:
        if self._live is answer:
            self._live = None
        if answer.heard:
            self.desk.keep(answer)
            self.memory.agent(answer.heard)
        self._silence.broken(self.time())
        if answer.script.dropped or self._closed:
            return
        if self._last_words is not None:
            self._close_with_last_words()
        elif not answer.is_whole:
            self.desk.work(self._composing is not None)
            self._cut = answer
        else:
            self.desk.work(self.is_busy)
            if answer.script.after is not None:
                answer.script.after()

    def _close_with_last_words(self) -> None:
        if self._last_words is not None and not self._closed:
            self._closed = True
            self._last_words()

    def _go_on(self) -> None:
        """It was nothing: say the rest of what was cut."""
        cut, self._cut = self._cut, None
        if cut is not None and not self._closed:
            self._speak(cut.script, Stopwatch(self.time()))

    def _drop(self) -> None:
        """The caller has the floor: nothing of what is being said or made comes any more."""
        self._stop_composing()
        dropped = [answer.script for answer in (self._live, self._cut) if answer is not None]
        for script in dropped:
            script.drop()
        self.desk.hush()
        self._live = self._cut = None
        self.desk.work(False)
        for script in dropped:
            # What the agent has decided to do, it does.
            if script.after is not None and not self._closed:
                script.after()

    def _stop_composing(self) -> None:
        composing, self._composing = self._composing, None
        if composing is not None:
            composing.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _written(script: Script, text: str) -> None:
    await script.add(text)
    script.close()
