from __future__ import annotations

import audioop

import pytest

from core.domain.sessions import Role
from media_worker.messages import Clear, Mark, ServerMessage, Speech
from media_worker.pipeline.playout import LEAD_S, Heard, Playout
from tests.sounds import tone

FRAME = 320


def speech(segment_id: str | None, pcm: bytes, mark: str | None = None) -> Speech:
    return Speech(segment_id, 1, Role.AGENT, Role.CUSTOMER, "en", pcm, 8000, mark)


def playout() -> tuple[Playout, list[ServerMessage]]:
    sent: list[ServerMessage] = []
    return Playout(8000, sent.append), sent


def sound(sent: list[ServerMessage]) -> bytes:
    return b"".join(message.pcm for message in sent if isinstance(message, Speech))


def test_only_a_little_is_sent_ahead_of_its_time() -> None:
    player, sent = playout()
    player.add(speech("seg_1", bytes(FRAME * 50)))
    assert player.play_due(0.0)
    assert len(sent) == round(LEAD_S / 0.02)
    for tick in range(1, 20):
        assert player.play_due(tick * 0.02)
        assert len(sent) == round(LEAD_S / 0.02) + tick


def test_a_late_tick_catches_up() -> None:
    player, sent = playout()
    player.add(speech("seg_1", bytes(FRAME * 50)))
    player.play_due(0.0)
    player.play_due(0.2)
    assert len(sent) == round(LEAD_S / 0.02) * 2, "what was not in time is not sent in a burst: the line has paused"


def test_the_end_of_a_segment_is_filled_to_a_whole_frame_and_marked() -> None:
    player, sent = playout()
    player.add(speech("seg_1", b"\1\0" * 100))
    assert not player.play_due(0.0)
    assert sent == [], "less than a frame waits for the rest"
    player.add(speech("seg_1", b"\1\0" * 100, mark="seg_1"))
    player.play_due(0.1)
    assert [type(message) for message in sent] == [Speech, Speech, Mark]
    assert sound(sent) == b"\1\0" * 200 + bytes(FRAME * 2 - 400)


def test_a_segment_that_broke_off_does_not_hold_up_the_next_and_has_no_mark() -> None:
    player, sent = playout()
    player.add(speech("seg_1", b"\1\0" * 100))
    player.add(speech("seg_2", b"\2\0" * 160, mark="seg_2"))
    player.play_due(0.0)
    assert [message.segment_id for message in sent if isinstance(message, Speech)] == ["seg_1", "seg_2"]
    assert [message.name for message in sent if isinstance(message, Mark)] == ["seg_2"]


def test_the_mark_that_comes_back_says_that_all_was_heard() -> None:
    player, _ = playout()
    player.add(speech("seg_1", bytes(FRAME * 4), mark="seg_1"))
    player.play_due(0.0)
    playback = player.playbacks["seg_1"]
    assert playback.heard is Heard.WAITING
    player.marked("seg_1")
    player.marked("seg_unknown")
    after = player.playbacks["seg_1"]
    assert after.heard is Heard.FULLY
    assert after.heard_s == pytest.approx(0.08)


def test_a_clear_drops_what_waits_and_the_marks_that_come_back_then_say_nothing() -> None:
    player, sent = playout()
    player.add(speech("seg_1", bytes(FRAME * 50), mark="seg_1"))
    for tick in range(10):
        player.play_due(10 + tick * 0.02)
    player.clear(Clear("seg_1", Role.CUSTOMER), 10.18)
    assert isinstance(sent[-1], Clear)
    player.marked("seg_1")
    playback = player.playbacks["seg_1"]
    assert playback.heard is Heard.PARTLY
    assert playback.heard_s == pytest.approx(0.18)
    assert not player.play_due(10.2)
    player.add(speech("seg_2", bytes(FRAME), mark="seg_2"))
    player.play_due(10.3)
    assert isinstance(sent[-1], Mark)


def test_the_original_voice_slides_under_the_translation_without_a_click() -> None:
    player, sent = playout()
    original = tone(300, 8000, 1.0, level=8000)
    for number in range(50):
        if number == 20:
            player.add(speech("seg_1", bytes(FRAME * 10), mark="seg_1"))
        player.add(speech(None, original[number * FRAME : (number + 1) * FRAME]))
        player.play_due(number * 0.02)
    heard = sound(sent)
    levels = [audioop.rms(heard[at : at + FRAME], 2) for at in range(0, len(heard), FRAME)]
    assert min(levels) == pytest.approx(max(levels) * 10 ** (-14 / 20), rel=0.02)
    steepest = max(
        abs(audioop.getsample(heard, 2, n + 1) - audioop.getsample(heard, 2, n)) for n in range(len(heard) // 2 - 1)
    )
    assert steepest <= 2 * 3.1416 * 300 / 8000 * 8000 * 1.05


def test_of_the_original_voice_nothing_older_than_a_moment_waits() -> None:
    player, sent = playout()
    player.add(speech(None, tone(300, 8000, 5.0)))
    player.play_due(0.0)
    for tick in range(1, 100):
        player.play_due(tick * 0.02)
    assert len(sound(sent)) == 0.2 * 16000


def test_an_original_voice_alone_goes_out_as_it_comes_and_a_stall_does_not_delay_it_for_good() -> None:
    player, sent = playout()
    late = [0.0, 0.02, 0.04 + 0.05, 0.06 + 0.03, 0.08 + 0.01, 0.1, 0.12]
    for number, now in enumerate(late, 1):
        player.add(speech(None, bytes(FRAME)))
        assert not player.play_due(now), "there is nothing to come back for at the next tick"
        assert len(sent) == number


def test_only_the_last_segments_are_remembered() -> None:
    player, _ = playout()
    for number in range(200):
        player.add(speech(f"seg_{number}", bytes(FRAME), mark=f"seg_{number}"))
        player.play_due(float(number))
    assert len(player.playbacks) == 64


def test_two_voices_that_are_passed_on_lie_over_each_other() -> None:
    player, sent = playout()
    for line, sample in ((0, b"\1\0"), (1, b"\2\0")):
        player.add(Speech(None, 1, Role.AGENT, Role.CUSTOMER, "en", sample * 160, 8000, None, line))
    player.play_due(0.0)
    assert sound(sent) == b"\3\0" * 160


def test_of_each_voice_that_is_passed_on_only_the_last_moment_waits() -> None:
    player, sent = playout()
    for line in (0, 1):
        player.add(Speech(None, 1, Role.AGENT, Role.CUSTOMER, "en", bytes(FRAME * 50), 8000, None, line))
    for tick in range(50):
        player.play_due(tick * 0.02)
    assert len(sent) == 10, "200 ms of both, at once"
