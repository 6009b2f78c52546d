import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.engines.base import Capabilities, Recognition, SpeechRequest, StreamSpec, Word
from media_worker.engines.pool_messages import (
    MAX_MESSAGE_BYTES,
    Audio,
    Begin,
    Configure,
    Failed,
    Finish,
    FramingError,
    Heard,
    Open,
    PoolInbox,
    ProcessInbox,
    Ready,
    Recognised,
    Speak,
    Translate,
    frame,
)

TO_PROCESS = [
    Configure("scripted", "/models", {"advance_s": "0.1"}),
    Open(1, StreamSpec("en", 8000, ("hint",))),
    Begin(1, 2),
    Audio([(1, b"\x00\x01"), (2, b"")]),
    Finish(1, 3),
    Translate(4, "¿qué?\n\0", "es", "en"),
    Speak(5, SpeechRequest("hola", "es", 16000, None), 8),
]
FROM_PROCESS = [
    Ready(Capabilities("x", frozenset({"en"}), frozenset({("en", "es")}), frozenset())),
    Heard([(1, 320)], [(1, 2, "hello")]),
    Recognised(3, Recognition("hello", "en", 0.9, (Word("hello", 0.0, 0.5, 0.9),))),
    Failed(4, "engine_failed", True, False),
]


@given(st.lists(st.integers(1, 40)))
def test_messages_survive_any_cut_of_the_byte_stream(cuts: list[int]) -> None:
    data = b"".join(frame(message) for message in TO_PROCESS)
    inbox, received, start = ProcessInbox(), [], 0
    for size in cuts:
        received += inbox.receive(data[start : start + size])
        start += size
    received += inbox.receive(data[start:])
    assert received == TO_PROCESS


def test_answers_come_back_as_they_were_sent() -> None:
    assert PoolInbox().receive(b"".join(frame(message) for message in FROM_PROCESS)) == FROM_PROCESS


def test_a_message_beyond_the_limit_is_refused_before_it_is_collected() -> None:
    with pytest.raises(FramingError):
        PoolInbox().receive((MAX_MESSAGE_BYTES + 1).to_bytes(4, "big"))


def test_what_one_side_sends_is_not_taken_for_the_other_sides() -> None:
    with pytest.raises(msgspec.ValidationError):
        PoolInbox().receive(frame(Begin(1, 1)))
