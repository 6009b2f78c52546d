"""Nonces: ours or nobody's, young or stale, and each count once."""

from __future__ import annotations

import itertools

import pytest

from core.domain.nonces import LIFETIME_S, Nonces, Standing, nonce_key

KEY = nonce_key(b"k" * 32)
HERE, THERE = "192.0.2.7", "192.0.2.8"


class Time:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def nonces(time: Time, *keys: bytes, most: int = 100) -> Nonces:
    counted = itertools.count(1)
    return Nonces(lambda: keys or (KEY,), time, lambda size: next(counted).to_bytes(size, "big"), most)


@pytest.fixture
def time() -> Time:
    return Time()


def test_a_nonce_is_known_to_every_gateway_with_the_key(time: Time) -> None:
    nonce = nonces(time).new(HERE)
    assert nonces(time).standing(nonce, HERE) is Standing.GOOD
    assert nonces(time, nonce_key(b"other")).standing(nonce, HERE) is Standing.FOREIGN
    assert nonces(time, nonce_key(b"newer"), KEY).standing(nonce, HERE) is Standing.GOOD


def test_it_answers_for_nobody_elsewhere(time: Time) -> None:
    assert nonces(time).standing(nonces(time).new(HERE), THERE) is Standing.FOREIGN


def test_it_is_stale_after_a_while_and_never_from_the_future(time: Time) -> None:
    ours = nonces(time)
    nonce = ours.new(HERE)
    time.now += LIFETIME_S - 0.001
    assert ours.standing(nonce, HERE) is Standing.GOOD
    time.now += 0.002
    assert ours.standing(nonce, HERE) is Standing.STALE
    time.now -= 2 * LIFETIME_S
    assert ours.standing(nonce, HERE) is Standing.STALE


@pytest.mark.parametrize("change", [lambda n: n[:-1], lambda n: n + "A", lambda n: "B" + n[1:], lambda n: n[:20]])
def test_a_changed_one_is_nobodys(time: Time, change: object) -> None:
    assert callable(change)
    nonce = nonces(time).new(HERE)
    assert nonces(time).standing(change(nonce), HERE) is Standing.FOREIGN


@pytest.mark.parametrize("text", ["", "=", "é", "A" * 4000, "a b", "\ud800", "!" * 43])
def test_any_other_text_is_nobodys_and_used_by_nobody(time: Time, text: str) -> None:
    assert nonces(time).standing(text, HERE) is Standing.FOREIGN
    assert not nonces(time).use(text, 1)


def test_a_count_is_used_once_and_only_upwards(time: Time) -> None:
    ours = nonces(time)
    nonce = ours.new(HERE)
    assert [ours.use(nonce, count) for count in (1, 1, 3, 2, 3, 4)] == [True, False, True, False, False, True]
    assert not ours.use(ours.new(HERE), 0)


def test_what_was_forgotten_is_not_used_for_a_first_time_again(time: Time) -> None:
    ours = nonces(time, most=2)
    made = []
    for _ in range(4):
        made.append(ours.new(HERE))
        time.now += 1
    assert all(ours.use(nonce, 1) for nonce in made)
    assert [ours.use(nonce, 2) for nonce in made] == [False, False, True, True]
    assert ours.use(ours.new(HERE), 1)
    assert len(ours._last_counts) == 2
