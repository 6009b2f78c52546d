from media_worker.engines.base import EngineError, SpeechRequest
from media_worker.engines.pool_messages import Cancel, Failed, MoreSpeech, Speak, Spoken, SpokenAll
from media_worker.engines.speaking import PIECE_S, Speaking
from tests.unit.media_worker.engines.recorded import KeptEngine, Sent, unmeasured

HELLO = SpeechRequest("hello", "en", 8000)
PIECE = int(PIECE_S * 8000) * 2


def test_no_more_is_spoken_than_the_window_allows() -> None:
    engine, sent = KeptEngine(pieces=[b"a", b"b", b"c"]), Sent()
    speaking = Speaking(engine, sent, unmeasured)
    speaking.accept(Speak(1, HELLO, 2))
    while not speaking.idle:
        speaking.work()
    assert sent.messages == [Spoken(1, b"a"), Spoken(1, b"b")]
    speaking.accept(MoreSpeech(1))
    speaking.accept(MoreSpeech(1))
    while not speaking.idle:
        speaking.work()
    assert sent.messages[2:] == [Spoken(1, b"c"), SpokenAll(1)]


def test_requests_take_turns_piece_by_piece() -> None:
    engine, sent = KeptEngine(pieces=[b"a", b"b"]), Sent()
    speaking = Speaking(engine, sent, unmeasured)
    speaking.accept(Speak(1, HELLO, 8))
    speaking.accept(Speak(2, HELLO, 8))
    while not speaking.idle:
        speaking.work()
    spoken = [(message.request, message.pcm) for message in sent.messages if isinstance(message, Spoken)]
    assert spoken == [(1, b"a"), (2, b"a"), (1, b"b"), (2, b"b")]


def test_long_pieces_are_cut_so_that_the_window_counts_time() -> None:
    sent = Sent()
    speaking = Speaking(KeptEngine(pieces=[bytes(PIECE * 2 + 2)]), sent, unmeasured)
    speaking.accept(Speak(1, HELLO, 8))
    while not speaking.idle:
        speaking.work()
    assert [len(message.pcm) for message in sent.messages if isinstance(message, Spoken)] == [PIECE, PIECE, 2]


def test_cancelling_stops_the_engine_and_says_nothing_more() -> None:
    engine, sent = KeptEngine(pieces=[b"a"] * 9), Sent()
    speaking = Speaking(engine, sent, unmeasured)
    speaking.accept(Speak(1, HELLO, 1))
    speaking.work()
    speaking.accept(Cancel(1))
    speaking.accept(MoreSpeech(1))
    assert speaking.idle
    assert engine.stopped == 1
    assert sent.messages == [Spoken(1, b"a")]


def test_a_failing_voice_fails_its_request_alone() -> None:
    engine, sent = KeptEngine(failing={"speak": EngineError("hoarse", retryable=True)}), Sent()
    speaking = Speaking(engine, sent, unmeasured)
    speaking.accept(Speak(1, HELLO, 8))
    speaking.work()
    assert sent.messages == [Failed(1, "hoarse", True, False)]
    assert speaking.idle
