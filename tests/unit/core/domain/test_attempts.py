"""What of an answer is kept, and how long it asks to wait."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.attempts import LONGEST_EXCERPT_BYTES, excerpt, retry_after
from tests.fakes.clocks import START


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("0", 0),
        ("120", 120),
        ("3600", 3600),
        ("3601", 3600),
        ("9" * 400, 3600),
        ("-5", 0),
        ("1.5", 0),
        ("soon", 0),
        ("\u0661", 0),
        (format_datetime(START + timedelta(minutes=10), usegmt=True), 600),
        (format_datetime(START - timedelta(minutes=10), usegmt=True), 0),
        (format_datetime(START + timedelta(days=9), usegmt=True), 3600),
        ("Thu, 26 Mar 2026 11:02:00", 120),
        ("Thu, 99 Mar 2026 11:02:00 GMT", 0),
    ],
)
def test_retry_after_is_honoured_up_to_an_hour(text: str, expected: int) -> None:
    assert retry_after(text, START) == timedelta(seconds=expected)


@given(st.text(max_size=80))
def test_any_retry_after_is_read_or_ignored(text: str) -> None:
    assert timedelta(0) <= retry_after(text, START) <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"ok\n", "ok\n"),
        ("Grüße".encode(), "Grüße"),
        (b"\xff\xfe", ""),
        (b"\x1b[2Jgone\x00", "[2Jgone"),
    ],
)
def test_an_excerpt_is_text(answer: bytes, expected: str) -> None:
    assert excerpt(answer) == expected


@given(st.binary(max_size=3000))
def test_an_excerpt_is_at_most_a_kilobyte(answer: bytes) -> None:
    assert len(excerpt(answer).encode()) <= LONGEST_EXCERPT_BYTES
