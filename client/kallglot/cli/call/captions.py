"""A call as it is spoken: two columns on a terminal, lines in a pipe, a JSON document a line for programs."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, Any, Protocol, Self

from kallglot.cli.screen import Screen, seconds
from kallglot.stream.messages import (
    AudioOutput,
    Ended,
    Interrupted,
    Latency,
    Message,
    Ready,
    StreamError,
    Transcript,
)

if TYPE_CHECKING:
    from rich.table import Table

_SPEAKERS = ("customer", "agent")


class Captions(AbstractContextManager["Captions"], Protocol):
    def message(self, message: Message) -> None: ...


def captions(screen: Screen, languages: tuple[str | None, str | None], *, latency: bool = False) -> Captions:
    """`languages` are the customer's and the agent's."""
    if screen.as_json:
        return _Documents(screen)
    return _Columns(screen, languages, latency) if screen.is_terminal else _Lines(screen, latency)


class _Documents:
    """Every message as it came; of sound only how much it was."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None: ...

    def message(self, message: Message) -> None:
        match message:
            case AudioOutput():
                audio = {name: value for name, value in message.raw["audio"].items() if name != "payload"}
                self._screen.event({**message.raw, "audio": {**audio, "bytes": len(message.payload)}})
            case Interrupted():
                self._screen.event({"type": "interrupted", "why": message.why})
            case Ended() if not message.raw:
                self._screen.event(
                    {"type": "session.ended", "session_id": message.session_id, "reason": message.reason}
                )
            case _:
                self._screen.event(message.raw)


class _Lines:
    """Finals, one below the other; what is no word goes to stderr."""

    def __init__(self, screen: Screen, latency: bool) -> None:
        self._screen = screen
        self._latency = latency
        self._was_interrupted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None: ...

    def message(self, message: Message) -> None:
        match message:
            case Transcript(is_final=True):
                self.final(message)
            case Latency() if self._latency:
                self.aside(f"{message.work_ms:.0f} ms of work, after {message.endpoint_ms:.0f} ms of silence")
            case StreamError():
                self.note(f"{message.code}: {message.message}")
            case Interrupted():
                self._was_interrupted = True
                self.note(f"the connection is lost ({message.why}); connecting again …")
            case Ready() if self._was_interrupted:
                self._was_interrupted = False
                self.note("connected again")
            case Ended():
                self.note(f"ended: {message.reason}" if message.reason else "ended")

    def final(self, final: Transcript) -> None:
        self._screen.line(f"{_clock(final)} {final.speaker} [{final.language}] {final.text}")
        if final.translation:
            self._screen.line(f"{' ' * len(_clock(final))} → [{final.translation_language}] {final.translation}")

    def note(self, text: str) -> None:
        self._screen.note(text)

    def aside(self, text: str) -> None:
        self._screen.note(f"      {text}")


class _Columns(_Lines):
    """Each column is the whole call in one language: what was said in it, bold, and what was translated into it.

    Finals scroll away upwards; what is being said stands below them, dim, until it is final.
    """

    def __init__(self, screen: Screen, languages: tuple[str | None, str | None], latency: bool) -> None:
        super().__init__(screen, latency)
        self._languages = languages
        self._console = screen.console
        self._open: dict[str, Transcript] = {}
        self._stack = ExitStack()
        self._live: Any = None

    def __enter__(self) -> Self:
        from rich.live import Live  # noqa: PLC0415

        titles = [f"{who} ({language or '?'})" for who, language in zip(_SPEAKERS, self._languages, strict=True)]
        self._console.print(_row("", *titles, styles=("dim", "dim")))
        self._live = self._stack.enter_context(Live(console=self._console, auto_refresh=False, transient=True))
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def message(self, message: Message) -> None:
        if isinstance(message, Transcript):
            self._remember(message)
            self._refresh()  # first: what is printed appears above what stands below
        super().message(message)

    def final(self, final: Transcript) -> None:
        texts = (final.text, final.translation or "")
        styles = ("bold", "")
        if final.speaker == "agent":
            texts, styles = texts[::-1], styles[::-1]
        self._console.print(_row(_clock(final), *texts, styles=styles))

    def note(self, text: str) -> None:
        self._console.print(text, style="yellow", markup=False)

    def aside(self, text: str) -> None:
        self._console.print(f"{' ' * 9}{text}", style="dim", markup=False)

    def _remember(self, said: Transcript) -> None:
        if said.is_final:
            self._open.pop(said.speaker, None)
        else:
            self._open[said.speaker] = said

    def _refresh(self) -> None:
        texts = [f"{self._open[who].text} …" if who in self._open else "" for who in _SPEAKERS]
        self._live.update(_row("", *texts, styles=("dim", "dim")) if any(texts) else "", refresh=True)


def _row(clock: str, left: str, right: str, *, styles: tuple[str, str]) -> Table:
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    row = Table.grid(expand=True, padding=(0, 2, 0, 0))
    row.add_column(width=7, style="dim", justify="right")
    row.add_column(ratio=1)
    row.add_column(ratio=1)
    row.add_row(clock, Text(left, styles[0]), Text(right, styles[1]))
    return row


def _clock(said: Transcript) -> str:
    return seconds(said.start_s)
