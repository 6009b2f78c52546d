from __future__ import annotations

import pytest

from kallglot.stream import (
    Closing,
    MessageRefused,
    ReconnectWindowOver,
    SessionNotFound,
    SessionOver,
    StreamClosed,
    TokenRejected,
    TooMuchData,
)
from kallglot.stream.reconnecting import Absence, Again, Reconnecting, after, next_step

POLICY = Reconnecting()
GONE = Absence(since_s=100.0, window_s=300.0)


def step(closing: Closing, absence: Absence = GONE, now_s: float = 100.0, can_renew: bool = True) -> object:
    return next_step(POLICY, absence, closing, now_s=now_s, draw=0.0, can_renew=can_renew)


@pytest.mark.parametrize("code", [None, 1001, 1006, 1011, 1012, 1013])
def test_what_may_pass_is_tried_again(code: int | None) -> None:
    assert step(Closing(code)) == Again(0.125)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_so_is_an_upgrade_that_is_refused_for_the_moment(status: int) -> None:
    assert step(Closing(http_status=status)) == Again(0.125)
    assert step(Closing(http_status=status, retry_after_s=7)) == Again(7)


@pytest.mark.parametrize(
    ("closing", "error"),
    [
        (Closing(4400), MessageRefused),
        (Closing(4404), SessionNotFound),
        (Closing(4409), SessionOver),
        (Closing(4410), ReconnectWindowOver),
        (Closing(4429), TooMuchData),
        (Closing(1009), TooMuchData),
        (Closing(1002), StreamClosed),
        (Closing(4999), StreamClosed),
        (Closing(http_status=404), SessionNotFound),
        (Closing(http_status=400), StreamClosed),
    ],
)
def test_what_will_not_pass_is_its_own_error(closing: Closing, error: type[StreamClosed]) -> None:
    assert type(step(closing)) is error


@pytest.mark.parametrize("closing", [Closing(4401), Closing(http_status=401), Closing(http_status=403)])
def test_a_rejected_token_is_renewed_once(closing: Closing) -> None:
    first = step(closing)
    assert first == Again(0.0, renew_token=True)
    assert isinstance(first, Again)
    assert isinstance(step(closing, after(GONE, first)), TokenRejected)
    assert isinstance(step(closing, can_renew=False), TokenRejected)


def test_pauses_double_up_to_the_longest() -> None:
    absence, pauses = GONE, list[float]()
    for _ in range(8):
        again = step(Closing(1012), absence)
        assert isinstance(again, Again)
        pauses.append(again.after_s * 2)
        absence = after(absence, again)
    assert pauses == [0.25, 0.5, 1, 2, 4, 5, 5, 5]


def test_after_five_minutes_it_is_over() -> None:
    tried = Absence(100.0, 300.0, attempts=1)
    assert isinstance(step(Closing(1012), tried, now_s=399), Again)
    assert isinstance(step(Closing(1012), tried, now_s=400), ReconnectWindowOver)


def test_who_never_reconnects_is_told_why_the_stream_ended() -> None:
    never = Absence(100.0, 0.0)
    assert type(step(Closing(1012), never)) is StreamClosed


def test_an_error_says_what_happened_in_words_and_numbers() -> None:
    assert str(step(Closing(4410, "reconnect_window_over"))) == (
        "the stream was away for too long (4410 reconnect_window_over)"
    )
    assert str(StreamClosed(Closing())) == "the stream was closed (connection lost)"
    assert str(StreamClosed(Closing(http_status=400))) == "the stream was closed (HTTP 400)"
