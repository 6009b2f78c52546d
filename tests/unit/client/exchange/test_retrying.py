"""When a request is made again: by table, through both clients, and against any weather."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kallglot import Conflict, ConnectionFailed, KallglotError, RateLimited, Retrying, ServerFailed
from kallglot.exchange.requests import Repeat, Request
from kallglot.objects.bodies import one
from kallglot.objects.sessions import Session
from tests.fakes.api import Clock, drive, refused

CREATED = httpx.Response(201, json={"id": "sess_1", "object": "session"})
READ = httpx.Response(200, json={"id": "sess_1", "object": "session"})


def create(client: Any) -> Any:
    return client.sessions.create(mode="ai_agent")


def rotate(client: Any) -> Any:
    """Has an effect and no idempotency key: a route that is newer than the client."""
    return client.send(Request("POST", "/rotate", one(Session), {}, {}, Repeat.IF_UNHEARD))


PASSING: dict[str, Any] = {
    "refused connection": httpx.ConnectError("no"),
    "lost answer": httpx.ReadError("no"),
    "slow answer": httpx.ReadTimeout("no"),
    "429": refused(429),
    "409 for the moment": refused(409, headers={"Retry-After": "1"}),
    "500": refused(500),
    "503": refused(503),
    "a proxy's 502": httpx.Response(502, text="<html>"),
}
UNHEARD = ("refused connection", "429", "409 for the moment")


@pytest.mark.parametrize("trouble", PASSING)
async def test_what_may_pass_is_tried_again_under_the_same_key(kind: str, trouble: str) -> None:
    driven, api = drive(kind, PASSING[trouble], PASSING[trouble], CREATED)
    session = await driven(create)
    assert session.id == "sess_1"
    assert api.keys == ["key-1"] * 3
    assert api.bodies == [{"mode": "ai_agent"}] * 3


@pytest.mark.parametrize("trouble", PASSING)
async def test_what_has_an_effect_and_no_key_is_repeated_only_when_nothing_happened(kind: str, trouble: str) -> None:
    driven, api = drive(kind, PASSING[trouble], READ)
    with contextlib.suppress(KallglotError):
        await driven(rotate)
    assert len(api.seen) == (2 if trouble in UNHEARD else 1)
    assert set(api.keys) == {None}


@pytest.mark.parametrize(
    "refusal", [refused(400), refused(401), refused(404), refused(409), refused(422), refused(501)]
)
async def test_what_is_refused_for_good_is_not_asked_again(kind: str, refusal: httpx.Response) -> None:
    clock = Clock()
    driven, api = drive(kind, refusal, clock=clock)
    with pytest.raises(KallglotError):
        await driven(create)
    assert (len(api.seen), clock.slept) == (1, [])


async def test_an_address_that_is_none_is_not_tried_again(kind: str) -> None:
    driven, api = drive(kind, httpx.UnsupportedProtocol("no http"))
    with pytest.raises(ConnectionFailed, match="is no address of an API"):
        await driven(create)
    assert len(api.seen) == 1


async def test_two_calls_have_two_keys_and_a_given_key_is_kept(kind: str) -> None:
    driven, api = drive(kind, CREATED)
    await driven(create)
    await driven(create)
    await driven(lambda client: client.sessions.create(mode="ai_agent", idempotency_key="mine"))
    assert api.keys == ["key-1", "key-2", "mine"]


async def test_pauses_double_up_to_the_longest_and_are_drawn_from_their_upper_half(kind: str) -> None:
    clock = Clock()
    driven, api = drive(kind, refused(503), clock=clock, retrying=Retrying(max_attempts=7))
    with pytest.raises(ServerFailed):
        await driven(create)
    assert clock.slept == [0.75 * pause for pause in (0.5, 1, 2, 4, 8, 8)]
    assert len(api.seen) == 7


@pytest.mark.parametrize(
    ("headers", "more", "slept_s"),
    [
        ({"Retry-After": "3"}, {}, 3.25),
        ({"Retry-After": "0"}, {}, 0.25),
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:07 GMT"}, {}, 7.25),
        ({"Retry-After": "Fri, 15 Jan 2021 08:00:07 GMT"}, {}, 0.25),
        ({}, {"retry_after": 4}, 4.25),
        ({"Retry-After": "soon"}, {}, 0.375),
        ({"Retry-After": "-5"}, {}, 0.25),
        ({"Retry-After": "nan"}, {}, 0.25),
    ],
)
async def test_the_server_says_how_long_to_wait(
    kind: str, headers: dict[str, str], more: dict[str, Any], slept_s: float
) -> None:
    clock = Clock()
    driven, _ = drive(kind, refused(429, headers=headers, **more), CREATED, clock=clock)
    await driven(create)
    assert clock.slept == [slept_s]


@pytest.mark.parametrize("wait", ["60", "86400", "inf"])
async def test_a_wait_beyond_the_deadline_is_not_begun(kind: str, wait: str) -> None:
    clock = Clock()
    driven, api = drive(kind, refused(429, headers={"Retry-After": wait}), clock=clock)
    with pytest.raises(RateLimited) as raised:
        await driven(create)
    assert raised.value.retry_after_s == float(wait)
    assert (len(api.seen), clock.slept) == (1, [])


async def test_the_last_refusal_is_the_one_that_is_told(kind: str) -> None:
    driven, _ = drive(kind, httpx.ConnectError("no"), refused(409, headers={"Retry-After": "1"}))
    with pytest.raises(Conflict):
        await driven(create)


def test_no_attempt_at_all_is_no_policy() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Retrying(max_attempts=0)


WEATHER = st.one_of(
    st.sampled_from([httpx.ConnectError, httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError]).map(
        lambda error: error("bad weather")
    ),
    st.builds(
        lambda status, wait: refused(status, headers={} if wait is None else {"Retry-After": str(wait)}),
        st.sampled_from([400, 401, 404, 409, 422, 429, 500, 501, 502, 503, 504]),
        st.none() | st.integers(0, 90),
    ),
    st.just(CREATED),
)


@settings(max_examples=300, deadline=None)
@given(
    weather=st.lists(WEATHER, min_size=1, max_size=12),
    attempts=st.integers(1, 6),
    deadline_s=st.floats(0.5, 120),
    client=st.sampled_from(["blocking", "async"]),
)
def test_in_any_weather_one_call_has_one_key_a_bounded_number_of_attempts_and_an_end(
    weather: list[Any], attempts: int, deadline_s: float, client: str
) -> None:
    clock = Clock()
    policy = Retrying(max_attempts=attempts, deadline_s=deadline_s)
    driven, api = drive(client, *weather, clock=clock, retrying=policy)
    try:
        asyncio.run(driven(create))
        succeeded = True
    except KallglotError:
        succeeded = False
    assert set(api.keys) == {"key-1"}
    assert 1 <= len(api.seen) <= attempts
    assert sum(clock.slept) < deadline_s
    assert len(clock.slept) == len(api.seen) - 1
    met = [weather[min(number, len(weather) - 1)] for number in range(len(api.seen))]
    assert succeeded == (met[-1] is CREATED)
    assert CREATED not in met[:-1]
    assert not any(isinstance(each, httpx.Response) and each.status_code in (400, 401, 404, 422) for each in met[:-1])


@settings(max_examples=50, deadline=None)
@given(weather=st.lists(WEATHER, min_size=1, max_size=6))
def test_both_clients_do_the_same_in_the_same_weather(weather: list[Any]) -> None:
    told = []
    for client in ("blocking", "async"):
        clock = Clock()
        driven, api = drive(client, *weather, clock=clock)
        try:
            outcome = asyncio.run(driven(create)).id
        except (KallglotError, ConnectionFailed) as error:
            outcome = repr(error)
        told.append((outcome, api.keys, clock.slept))
    assert told[0] == told[1]
