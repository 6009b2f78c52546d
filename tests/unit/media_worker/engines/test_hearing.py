import pytest

from media_worker.engines.base import SLICE_S, EngineError, StreamSpec
from media_worker.engines.hearing import ROUND_SLICES, Hearing
from media_worker.engines.pool_messages import Audio, Begin, Close, Failed, Finish, Heard, Open, Recognised
from tests.unit.media_worker.engines.recorded import KeptEngine, Sent, unmeasured

RATE_HZ = 8000
SLICE = int(SLICE_S * RATE_HZ) * 2


@pytest.fixture
def engine() -> KeptEngine:
    return KeptEngine()


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def hearing(engine: KeptEngine, sent: Sent) -> Hearing:
    return Hearing(engine.set(), sent, unmeasured)


def begun(hearing: Hearing, *streams: int) -> None:
    for stream in streams:
        hearing.accept(Open(stream, StreamSpec("en", RATE_HZ)))
        hearing.accept(Begin(stream, 1))


def until_idle(hearing: Hearing) -> None:
    while not hearing.idle:
        hearing.work()


def test_all_streams_that_have_audio_go_to_the_engine_in_one_call(
    hearing: Hearing, engine: KeptEngine, sent: Sent
) -> None:
    begun(hearing, 1, 2, 3)
    hearing.accept(Audio([(1, b"a" * 320), (2, b"b" * 320), (1, b"a" * 320), (3, b"c" * 160)]))
    hearing.work()
    assert engine.named("advance") == [[640, 320, 160]]
    heard = sent.of(Heard)
    assert heard == [
        Heard([(1, 640), (2, 320), (3, 160)], [(1, 1, "640 bytes"), (2, 1, "320 bytes"), (3, 1, "160 bytes")])
    ]


def test_the_final_result_comes_after_all_audio_before_it(hearing: Hearing, engine: KeptEngine, sent: Sent) -> None:
    begun(hearing, 1)
    hearing.accept(Audio([(1, bytes(SLICE)), (1, bytes(SLICE))]))
    hearing.accept(Finish(1, 7))
    hearing.work()
    assert sent.of(Recognised) == []
    until_idle(hearing)
    assert engine.named("advance") == [[SLICE], [SLICE]]
    assert [message.request for message in sent.of(Recognised) if isinstance(message, Recognised)] == [7]


def test_a_stream_that_ends_does_not_wait_for_the_backlog_of_others(
    hearing: Hearing, engine: KeptEngine, sent: Sent
) -> None:
    crowd = ROUND_SLICES * 3
    begun(hearing, *range(1, crowd + 1))
    hearing.accept(Audio([(stream, bytes(SLICE)) for stream in range(1, crowd + 1) for _ in range(5)]))
    begun(hearing, 99)
    hearing.accept(Audio([(99, bytes(320))]))
    hearing.accept(Finish(99, 1))
    hearing.work()
    assert len(sent.of(Recognised)) == 1
    assert len(engine.named("advance")) == 1


def test_every_waiting_stream_gets_its_turn(hearing: Hearing, engine: KeptEngine, sent: Sent) -> None:
    crowd = ROUND_SLICES * 2
    begun(hearing, *range(1, crowd + 1))
    for _ in range(2):
        hearing.accept(Audio([(stream, bytes(SLICE)) for stream in range(1, crowd + 1)]))
    hearing.work()
    hearing.work()
    heard = [number for message in sent.of(Heard) if isinstance(message, Heard) for number, _ in message.consumed]
    assert sorted(heard) == list(range(1, crowd + 1))


def test_an_utterance_may_begin_while_the_last_one_is_being_finished(hearing: Hearing, engine: KeptEngine) -> None:
    begun(hearing, 1)
    hearing.accept(Audio([(1, bytes(320))]))
    hearing.accept(Finish(1, 1))
    hearing.accept(Begin(1, 2))
    hearing.accept(Audio([(1, bytes(160))]))
    hearing.accept(Finish(1, 2))
    until_idle(hearing)
    assert [name for name, _ in engine.calls] == ["open", "begin", "advance", "finish", "begin", "advance", "finish"]


def test_a_failed_advance_is_told_at_the_end_and_the_next_utterance_starts_afresh(
    hearing: Hearing, engine: KeptEngine, sent: Sent
) -> None:
    engine.failing["advance"] = EngineError("ears_full", retryable=True)
    begun(hearing, 1)
    hearing.accept(Audio([(1, bytes(320))]))
    hearing.accept(Finish(1, 1))
    until_idle(hearing)
    assert sent.of(Failed) == [Failed(1, "ears_full", True, False)]

    engine.failing.clear()
    hearing.accept(Begin(1, 2))
    hearing.accept(Audio([(1, bytes(320))]))
    hearing.accept(Finish(1, 2))
    until_idle(hearing)
    assert len(engine.named("close")) == 1
    assert len(engine.named("open")) == 2
    assert len(sent.of(Recognised)) == 1


def test_audio_of_a_broken_utterance_still_counts_as_worked_off(
    hearing: Hearing, engine: KeptEngine, sent: Sent
) -> None:
    engine.failing["begin"] = RuntimeError("a caller said something")
    begun(hearing, 1)
    hearing.accept(Audio([(1, bytes(320))]))
    hearing.accept(Finish(1, 1))
    until_idle(hearing)
    assert sent.of(Heard) == [Heard([(1, 320)], [])]
    assert sent.of(Failed) == [Failed(1, "engine_failed", False, False)]


def test_closing_drops_the_backlog_and_gives_the_engine_its_state_back(hearing: Hearing, engine: KeptEngine) -> None:
    begun(hearing, 1)
    hearing.accept(Audio([(1, bytes(320))]))
    hearing.work()
    hearing.accept(Close(1))
    hearing.accept(Audio([(1, bytes(320))]))
    until_idle(hearing)
    assert len(engine.named("close")) == 1
    assert len(engine.named("advance")) == 1


def test_an_engine_that_gains_from_batches_gets_its_endings_together(engine: KeptEngine, sent: Sent) -> None:
    hearing = Hearing(engine.set(finish_batch=4), sent, unmeasured)
    begun(hearing, *range(1, 7))
    for stream in range(1, 7):
        hearing.accept(Audio([(stream, bytes(320))]))
        hearing.accept(Finish(stream, stream))
    until_idle(hearing)
    assert engine.named("finish") == [4, 2]


def test_an_end_without_a_beginning_is_an_error(hearing: Hearing, sent: Sent) -> None:
    hearing.accept(Open(1, StreamSpec("en", RATE_HZ)))
    hearing.accept(Finish(1, 1))
    until_idle(hearing)
    assert sent.of(Failed) == [Failed(1, "utterance_not_begun", False, False)]


def test_a_long_backlog_costs_others_no_more_than_the_round_that_runs(
    hearing: Hearing, engine: KeptEngine, sent: Sent
) -> None:
    begun(hearing, 1, 2)
    hearing.accept(Audio([(1, bytes(SLICE * 150))] + [(1, bytes(SLICE)) for _ in range(150)]))
    hearing.work()
    hearing.accept(Audio([(2, bytes(320))]))
    hearing.work()
    told = [message.partials for message in sent.of(Heard) if isinstance(message, Heard)]
    assert (2, 1, "320 bytes") in told[-1] and len(told) == 2
    assert not hearing.idle, "the long one goes on"


def test_an_engine_that_only_collects_audio_is_given_more_of_it_at_a_time(engine: KeptEngine, sent: Sent) -> None:
    hearing = Hearing(engine.set(slice_s=1.0), sent, unmeasured)
    begun(hearing, 1)
    hearing.accept(Audio([(1, bytes(SLICE)) for _ in range(8)]))
    until_idle(hearing)
    assert engine.named("advance") == [[5 * SLICE], [3 * SLICE]]


def test_an_engine_is_told_that_no_more_is_said_than_it_will_hear_of(hearing: Hearing, engine: KeptEngine) -> None:
    begun(hearing, 1, 2)
    hearing.accept(Audio([(1, bytes(SLICE)), (1, bytes(SLICE)), (2, bytes(SLICE))]))
    hearing.accept(Finish(1, 1))
    hearing.work()
    assert engine.ending == [True, False]
    hearing.work()
    hearing.accept(Begin(1, 2))
    hearing.accept(Audio([(1, bytes(SLICE))]))
    hearing.work()
    assert engine.ending == [True, False, True, False]
