"""An engine process: one engine set behind one socket. `python -m media_worker.engines.process FD`.

Three workers, each the only user of its engine: hearing, translation, speech. A sentence to translate or to speak
therefore never queues behind audio, and a slow engine that releases the GIL holds up nobody. An engine that waits for
another machine says how many threads it takes instead (`EngineSet.parallel`); a stream or request keeps its own.
The main thread only reads; end of file (the pool closed the socket, or died) ends the process, and with it the pipes
of every program the engines started.
"""

from __future__ import annotations

import logging
import os
import queue
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from threadpoolctl import threadpool_limits

from media_worker.engines import registry
from media_worker.engines.base import Capabilities, EngineSet
from media_worker.engines.hearing import Hearing, HearingMessage
from media_worker.engines.pool_messages import (
    Audio,
    Begin,
    Cancel,
    Close,
    Configure,
    Finish,
    Message,
    MoreSpeech,
    Open,
    Ping,
    Pong,
    ProcessInbox,
    Ready,
    Speak,
    Spent,
    StartFailed,
    ToProcess,
    Translate,
    frame,
)
from media_worker.engines.speaking import Speaking
from media_worker.engines.translating import Translating

_READ_BYTES = 256 * 1024
_SWITCH_INTERVAL_S = 0.001
_log = logging.getLogger(__name__)

Work = TypeVar("Work")
Work_contra = TypeVar("Work_contra", contravariant=True)


class Worker(Protocol[Work_contra]):
    """What a thread runs: `accept` all that has arrived, then `work` a bounded round, until idle."""

    @property
    def idle(self) -> bool: ...

    def accept(self, message: Work_contra) -> None: ...

    def work(self) -> None: ...


class _Thread(threading.Thread, Generic[Work]):
    """Runs one worker. Its queue needs no limit of its own: the pool bounds what it has under way."""

    def __init__(self, name: str, worker: Worker[Work], die: Callable[[], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._worker = worker
        self._die = die
        self.inbox: queue.SimpleQueue[Work] = queue.SimpleQueue()

    def run(self) -> None:
        try:
            while True:
                if self._worker.idle:
                    self._worker.accept(self.inbox.get())
                while not self.inbox.empty():
                    self._worker.accept(self.inbox.get())
                self._worker.work()
        except BaseException as error:
            _log.critical("engine worker %s broke: %s", self.name, type(error).__name__)
            self._die()


class EngineProcess:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._inbox = ProcessInbox()

    def send(self, message: Message) -> None:
        """To the pool. If that has gone, the reader notices and ends the process; nothing else is left to do."""
        data = frame(message)
        with self._sending, suppress(ConnectionError):
            self._connection.sendall(data)

    def run(self) -> int:
        arrived = self._receive()
        if arrived is None or not isinstance(arrived[0], Configure):
            return 1
        engines = self._build(arrived[0])
        if engines is None:
            return 1
        try:
            self._serve(engines, arrived[1:])
        finally:
            engines.close()
        return 0

    def _build(self, configure: Configure) -> EngineSet | None:
        settings = registry.EngineSettings(Path(configure.models_dir), configure.options)
        try:
            engines = registry.build(configure.engines, settings)
        except Exception as error:
            self.send(StartFailed(f"{type(error).__name__}: {error}"))
            return None
        # More calls come of more processes. A second BLAS thread does not share the features' small products, it
        # waits for them at full speed: 100 ms of CPU a phrase, a third of what a small model needs to hear it.
        threadpool_limits(1, "blas")
        self.send(Ready(Capabilities.of(engines)))
        return engines

    def _serve(self, engines: EngineSet, messages: list[ToProcess] | None) -> None:
        crews = [self._crew(engines) for _ in range(engines.parallel)]
        while messages is not None:
            for message in messages:
                if isinstance(message, Ping):
                    self.send(Pong())
                else:
                    _route(message, crews)
            messages = self._receive()

    def _crew(self, engines: EngineSet) -> _Crew:
        crew = _Crew(
            _Thread("hearing", Hearing(engines, self.send, self._measure), _die),
            _Thread("translation", Translating(engines.translator, self.send, self._measure), _die),
            _Thread("speech", Speaking(engines.text_to_speech, self.send, self._measure), _die),
        )
        for thread in (crew.hearing, crew.translation, crew.speech):
            thread.start()
        return crew

    def _receive(self) -> list[ToProcess] | None:
        """The next messages, at least one; None at the end of the connection."""
        while True:
            try:
                data = self._connection.recv(_READ_BYTES)
            except ConnectionError:
                return None
            if not data:
                return None
            if messages := self._inbox.receive(data):
                return messages

    @contextmanager
    def _measure(self, stage: str, count: int) -> Iterator[None]:
        wall_s, cpu_s = time.perf_counter(), time.thread_time()
        try:
            yield
        finally:
            self.send(Spent(stage, count, time.perf_counter() - wall_s, time.thread_time() - cpu_s))


@dataclass(frozen=True, slots=True)
class _Crew:
    """One thread for each kind of work."""

    hearing: _Thread[HearingMessage]
    translation: _Thread[Translate | Cancel]
    speech: _Thread[Speak | MoreSpeech | Cancel]


def _route(message: ToProcess, crews: Sequence[_Crew]) -> None:
    """By the number of the stream or request, so that its messages stay in order."""
    if isinstance(message, Audio):
        _route_audio(message, crews)
    elif isinstance(message, Open | Begin | Finish | Close):
        crews[message.stream % len(crews)].hearing.inbox.put(message)
    elif isinstance(message, Translate | Speak | MoreSpeech | Cancel):
        _route_request(message, crews[message.request % len(crews)])


def _route_audio(audio: Audio, crews: Sequence[_Crew]) -> None:
    if len(crews) == 1:
        crews[0].hearing.inbox.put(audio)
        return
    for stream, pcm in audio.pieces:
        crews[stream % len(crews)].hearing.inbox.put(Audio([(stream, pcm)]))


def _route_request(message: Translate | Speak | MoreSpeech | Cancel, crew: _Crew) -> None:
    if isinstance(message, Translate | Cancel):
        crew.translation.inbox.put(message)
    if not isinstance(message, Translate):
        crew.speech.inbox.put(message)


def _die() -> None:
    """Leave at once, whatever an engine is doing; the pool starts another process."""
    os._exit(70)


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    descriptor = int(arguments[0])
    os.set_inheritable(descriptor, False)
    code = EngineProcess(socket.socket(fileno=descriptor)).run()
    logging.shutdown()
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
