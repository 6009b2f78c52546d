"""Against programs that behave as badly as each test says, in the words of `piper_program`."""

import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from media_worker.engines.base import EngineError
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.voices.piper_link import PiperLink, Waits
from tests.models import chanting

PREAMBLE = """
import json, os, struct, sys, time
def say(letter, body=b""):
    os.write(1, letter + struct.pack("!I", len(body)) + body)
def asked():
    head = sys.stdin.buffer.read(4)
    return json.loads(sys.stdin.buffer.read(struct.unpack("!I", head)[0])) if head else sys.exit()
"""
ECHO = 'say(b"r")\nwhile True: say(b"a", asked()["text"].encode())'
PATIENT, HASTY = Waits(30.0, 30.0), Waits(30.0, 0.2)
Start = Callable[..., PiperLink]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[PiperLink] = []

    def start(body: str, waits: Waits = PATIENT) -> PiperLink:
        path = tmp_path / "program.py"
        path.write_text(PREAMBLE + f"RUNS = {str(tmp_path / 'runs')!r}\n" + textwrap.dedent(body))
        started.append(PiperLink([sys.executable, "-I", str(path)], waits))
        return started[-1]

    yield start
    for link in started:
        link.close()


# Whether this is the program's first run is kept in a file.
FIRST = "first = not os.path.exists(RUNS)\nopen(RUNS, 'a').close()\n"


def test_clause_after_clause_is_asked_of_one_run(start: Start) -> None:
    link = start(ECHO)
    pid = link.pid
    assert [link.speak(0, text) for text in ("one", "zwei «ä»", "x" * 5000)] == [
        *(b"one", "zwei «ä»".encode()),
        b"x" * 5000,
    ]
    assert link.pid == pid


def test_an_answer_larger_than_a_pipe_arrives_whole(start: Start) -> None:
    link = start('say(b"r")\nwhile True: asked(); body = bytes(3_000_000); sys.stdout.buffer.write(b"a" + '
                 'struct.pack("!I", len(body)) + body); sys.stdout.flush()')  # fmt: skip
    assert len(link.speak(0, "long")) == 3_000_000


def test_what_cannot_be_spoken_is_an_error_of_its_own_and_the_run_goes_on(start: Start) -> None:
    link = start('say(b"r")\nasked(); say(b"f", b"ValueError")\nasked(); say(b"a", b"ok")')
    with pytest.raises(EngineError, match="voice_failed") as failed:
        link.speak(0, "bad")
    assert not failed.value.retryable
    assert link.speak(0, "good") == b"ok"


def test_a_death_in_the_middle_is_said_and_the_program_is_there_for_who_tries_again(start: Start) -> None:
    link = start(
        FIRST + 'say(b"r")\nasked()\nif first: os.write(1, b"a\\0\\0\\0\\x09half"); os._exit(1)\nsay(b"a", b"all")'
    )
    with pytest.raises(EngineError, match="voice_process_died") as failed:
        link.speak(0, "hello")
    assert failed.value.retryable
    assert link.speak(0, "hello") == b"all"


def test_a_death_between_two_clauses_is_not_noticed(start: Start) -> None:
    link = start(ECHO)
    os.kill(link.pid, signal.SIGKILL)
    os.waitid(os.P_PID, link.pid, os.WEXITED | os.WNOWAIT)
    assert link.speak(0, "hello") == b"hello"


def test_a_program_that_stands_still_is_ended_and_started_again(start: Start) -> None:
    link = start(FIRST + 'say(b"r")\nwhile first: asked(); time.sleep(60)\nasked(); say(b"a", b"now")', HASTY)
    pid = link.pid
    with pytest.raises(EngineError, match="voice_timed_out") as failed:
        link.speak(0, "hello")
    assert failed.value.retryable
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    for _ in range(100):
        with suppress(EngineError):
            assert link.speak(0, "hello") == b"now"
            return
    raise AssertionError("it never came back")


def test_who_asks_while_it_starts_again_is_told_so_and_it_goes_on_starting(start: Start) -> None:
    link = start(FIRST + 'if first: say(b"r"); asked(); os._exit(1)\nasked()', Waits(30.0, 0.5))
    with pytest.raises(EngineError, match="voice_process_died"):
        link.speak(0, "hello")
    pid = link.pid
    with pytest.raises(EngineError, match="voice_starting") as failed:
        link.speak(0, "hello")
    assert failed.value.retryable
    assert link.pid == pid


@pytest.mark.parametrize("said", [b"a\xff\xff\xff\xff", b"a"])
def test_an_answer_that_cannot_be_read_is_a_death(start: Start, said: bytes) -> None:
    link = start(f'say(b"r")\nasked(); os.write(1, {said!r})')
    with pytest.raises(EngineError, match="voice_process_died"):
        link.speak(0, "hello")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('say(b"f", b"the voice x.onnx cannot be loaded: InvalidProtobuf")', r"x\.onnx cannot be loaded"),
        ("raise ImportError('piper')", "does not start"),
        ("time.sleep(60)", "does not start"),
    ],
)
def test_a_program_that_does_not_start_stops_the_worker(start: Start, body: str, said: str) -> None:
    with pytest.raises(EnginesNotAvailable, match=said):
        start(body, Waits(2.0 if "sleep" not in body else 0.3, 1.0))


def test_closing_ends_the_program_even_one_that_does_not_listen(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media_worker.engines.voices.piper_child.EXIT_TIMEOUT_S", 0.1)
    for body in (ECHO, 'say(b"r")\ntime.sleep(60)'):
        link = start(body)
        pid = link.pid
        link.close()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        with pytest.raises(EngineError, match="engines_closed"):
            link.speak(0, "hello")


def test_the_program_is_given_no_credentials(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    link = start('say(b"r")\nasked(); say(b"a", " ".join(os.environ).encode())')
    assert b"AWS" not in link.speak(0, "hello")


@pytest.mark.parametrize("texts", ["0", "1"])
def test_the_real_program_ends_with_who_started_it_waiting_or_in_the_middle_of_an_answer(
    tmp_path: Path, texts: str
) -> None:
    dies = """
import os, signal, sys
from pathlib import Path
from media_worker.engines.voices.piper_link import PiperLink, program
link = PiperLink(program([Path(sys.argv[1])], 1))
print(link.pid, flush=True)
sys.stdin.read(1)
for _ in range(int(sys.argv[2])):
    link._child.ask(b'{"voice": 0, "text": "' + b"hello " * 8000 + b'"}')
os.kill(os.getpid(), signal.SIGKILL)
"""
    command = [sys.executable, "-c", dies, str(chanting.build(tmp_path)), texts]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdin is not None
        assert starter.stdout is not None
        grandchild = os.pidfd_open(int(starter.stdout.readline()))
        starter.stdin.write(b"x")
        starter.stdin.flush()
        assert starter.wait(30) == -signal.SIGKILL
        assert select.select([grandchild], [], [], 10.0)[0], "it lives on"
        os.close(grandchild)
