from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media_worker.sip.rtp.telephone_events import TelephoneEvents

END = 0x80


class Keys:
    def __init__(self) -> None:
        self.told = ""
        self.now = 0.0
        self.events = TelephoneEvents(self._tell)

    def _tell(self, key: str) -> None:
        self.told += key

    def press(self, event: int, timestamp: int, duration: int, flags: int = 10) -> None:
        self.now += 0.02
        self.events.take(timestamp % 2**32, bytes([event, flags]) + duration.to_bytes(2, "big"), self.now)

    def whole(self, event: int, timestamp: int, skip: int = 0, ends: int = 3) -> None:
        packets = [(160 * n, 10) for n in range(1, 6)] + [(960, END | 10)] * ends
        for duration, flags in packets[skip:]:
            self.press(event, timestamp, duration, flags)


def test_every_key_is_told_once_a_press() -> None:
    keys = Keys()
    for event in range(16):
        keys.whole(event, event * 2000)
        keys.now += 0.1
    assert keys.told == "0123456789*#ABCD"


def test_the_same_key_twice_is_two_presses_with_the_end_lost_or_not() -> None:
    keys = Keys()
    keys.whole(5, 0)
    keys.whole(5, 2000, ends=0)
    keys.whole(5, 4000)
    assert keys.told == "555"


def test_a_lost_beginning_and_nothing_but_an_end_are_a_press() -> None:
    keys = Keys()
    keys.whole(1, 0, skip=4)
    keys.whole(2, 2000, skip=7)
    assert keys.told == "12"


def test_late_packets_of_the_press_before_tell_nothing_also_over_the_wrap() -> None:
    keys = Keys()
    keys.whole(1, 2**32 - 1000, ends=1)
    keys.whole(2, 1000)
    keys.press(1, 2**32 - 1000, 960, END)
    keys.press(2, 1000, 960, END)
    assert keys.told == "12"


def test_a_key_that_is_held_down_for_a_minute_is_one_press() -> None:
    keys = Keys()
    for segment in range(8):
        for duration in (160, 30_000, 0xFFFF):
            keys.press(9, segment * 0xFFFF, duration)
    keys.press(9, 8 * 0xFFFF, 400, END)
    assert keys.told == "9"


def test_a_sender_whose_timestamp_runs_on_is_understood() -> None:
    keys = Keys()
    for packet in range(10):
        keys.press(3, packet * 160, 160)
    keys.press(3, 1600, 160, END)
    keys.press(3, 1600, 160, END)
    assert keys.told == "3"


def test_the_same_key_at_once_after_an_end_is_another_press() -> None:
    keys = Keys()
    keys.press(4, 0, 160, END)
    keys.press(4, 320, 160)
    assert keys.told == "44"


def test_flash_tones_and_what_is_too_short_are_no_keys() -> None:
    keys = Keys()
    keys.press(16, 0, 160)
    keys.press(36, 0, 160)
    keys.events.take(0, b"\x01\x0a\x00", 0.0)
    keys.events.take(0, b"", 0.0)
    assert keys.told == ""


def test_nobody_types_two_hundred_keys_a_second() -> None:
    keys = Keys()
    for press in range(1000):
        keys.now -= 0.015
        keys.press(press % 10, press * 2000, 160)
    assert 20 + 5 * 20 - 1 <= len(keys.told) <= 20 + 5 * 20 + 1


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.binary(max_size=6), st.floats(0, 1e6)), max_size=30))
def test_nothing_raises(packets: list[tuple[int, bytes, float]]) -> None:
    told: list[str] = []
    events = TelephoneEvents(told.append)
    for timestamp, payload, now in packets:
        events.take(timestamp, payload, now)
    assert len(told) <= len(packets)
