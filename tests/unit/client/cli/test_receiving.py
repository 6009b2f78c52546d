"""What a webhook that arrives is taken for."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from core.domain.webhooks import signature
from kallglot.cli.receiving import Receiver, received

SECRET = "whsec_1"
BODY = json.dumps({"id": "evt_1", "type": "session.ended", "session_id": "sess_1"}).encode()


def headers(body: bytes = BODY, secret: str = SECRET, **more: str) -> dict[str, str]:
    signed = signature([secret], body, datetime.now(UTC))
    return {"Kallglot-Signature": signed, "Kallglot-Webhook-Id": "wh_del_1", "Kallglot-Retry-Count": "2", **more}


def test_a_signed_event_is_believed() -> None:
    came = received(headers(), BODY, SECRET)
    assert came.document() == {
        "delivery_id": "wh_del_1",
        "retry_count": 2,
        "verified": True,
        "problem": None,
        "event": json.loads(BODY),
    }


def test_without_a_secret_nothing_is_checked() -> None:
    assert received({}, BODY, None).verified is None


@pytest.mark.parametrize("header", [{}, headers(secret="whsec_2"), headers(b"another body")])
def test_what_is_not_signed_like_this_is_not_believed_and_says_why(header: dict[str, str]) -> None:
    came = received(header, BODY, SECRET)
    assert came.verified is False
    assert came.problem


@pytest.mark.parametrize("body", [b"", b"[]", b"not json"])
def test_signed_nonsense_is_no_event(body: bytes) -> None:
    came = received(headers(body), body, SECRET)
    assert (came.verified, came.event, came.problem) == (True, None, "the body is no event")


@pytest.mark.parametrize(("secret", "answer"), [(SECRET, 500), ("whsec_2", 400), (None, 500)])
def test_the_answer_is_the_one_that_was_asked_for_but_to_who_cannot_sign(secret: str | None, answer: int) -> None:
    inbox = Receiver(0, status=500)
    inbox.expect(secret)
    unread_when_answered: list[tuple[int, bool]] = []
    inbox.take(headers(), BODY, lambda status: unread_when_answered.append((status, inbox.arrived.empty())))
    assert unread_when_answered == [(answer, True)]
    assert next(iter(inbox)).delivery_id == "wh_del_1"


def test_a_receiver_that_nobody_reads_says_so() -> None:
    inbox = Receiver(0, status=200)
    inbox.expect(None)
    answers: list[int] = []
    for _ in range(1001):
        inbox.take({}, BODY, answers.append)
    assert answers[-2:] == [200, 503]
