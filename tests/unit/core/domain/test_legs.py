"""A telephone leg's life, and the session's provider as its legs make it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from core.domain.leg_views import leg_object, telephoned
from core.domain.legs import (
    ATTEMPT,
    REPEATED_WITHIN,
    Direction,
    Leg,
    LegEnd,
    LegStatus,
    Report,
    attempt,
    changed,
    is_attempted,
    may_repeat,
    not_placed,
    over,
    placed,
    reported,
)
from core.domain.sessions import EndReason, Provider, ProviderStatus, end, flushed, join
from core.domain.telephony import Carrier
from core.domain.views import session_object
from tests.builders import a_leg, a_session
from tests.fakes.clocks import START

RINGING, CONNECTED = Report(LegStatus.RINGING), Report(LegStatus.CONNECTED)
COMPLETED, BUSY = Report(LegStatus.ENDED, LegEnd.COMPLETED), Report(LegStatus.ENDED, LegEnd.BUSY)
LATER = START + timedelta(seconds=10)


def the_provider(*legs: Leg, provider: Provider | None = None) -> Provider:
    made = telephoned(a_session(provider=provider), legs).provider
    assert made is not None
    return made


def test_a_leg_moves_forward_only_whatever_the_order_of_the_reports() -> None:
    for order in permutations([RINGING, CONNECTED, COMPLETED]):
        leg = placed(a_leg(), "CA1")
        for report in order:
            leg = reported(leg, report, LATER)
        assert (leg.status, leg.ended_as, leg.ended_at) == (LegStatus.ENDED, LegEnd.COMPLETED, LATER)


def test_a_report_that_comes_twice_says_nothing_new() -> None:
    leg = reported(placed(a_leg(), "CA1"), CONNECTED, LATER)
    assert leg.connected_at == LATER
    assert reported(leg, CONNECTED, LATER + ATTEMPT) is leg
    assert reported(over(leg, LegEnd.BUSY, LATER), COMPLETED, LATER).ended_as is LegEnd.BUSY


def test_a_leg_that_was_given_up_unconfirmed_is_whatever_a_report_then_says() -> None:
    lost = over(attempt(a_leg(), START), LegEnd.UNCONFIRMED, LATER)
    alive = reported(lost, RINGING, LATER)
    assert (alive.status, alive.ended_as, alive.ended_at) == (LegStatus.RINGING, None, None)
    assert reported(lost, BUSY, LATER).ended_as is LegEnd.BUSY
    assert reported(over(a_leg(), LegEnd.REFUSED, LATER), RINGING, LATER).status is LegStatus.ENDED


def test_the_carriers_first_name_of_a_call_stays() -> None:
    leg = placed(placed(attempt(a_leg(), START), "CA1"), "CA2")
    assert (leg.call_id, leg.status, leg.attempted_at) == ("CA1", LegStatus.DIALING, None)


def test_an_attempt_keeps_others_off_for_as_long_as_its_function_may_run() -> None:
    leg = attempt(a_leg(), START)
    assert is_attempted(leg, START + ATTEMPT - timedelta(milliseconds=1))
    assert not is_attempted(leg, START + ATTEMPT)
    assert not is_attempted(not_placed(leg), START)
    assert not is_attempted(a_leg(), START)


def test_a_lost_attempt_is_repeated_only_while_the_carrier_would_recognise_it() -> None:
    leg = attempt(attempt(a_leg(), START), START + ATTEMPT)
    assert leg.first_attempted_at == START
    assert may_repeat(leg, START + REPEATED_WITHIN - timedelta(milliseconds=1))
    assert not may_repeat(leg, START + REPEATED_WITHIN)
    assert may_repeat(not_placed(leg), START + REPEATED_WITHIN), "that one was certainly not placed"
    assert timedelta(seconds=60) > REPEATED_WITHIN


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        ([None], ProviderStatus.PENDING),
        ([RINGING], ProviderStatus.PENDING),
        ([CONNECTED, RINGING], ProviderStatus.CONNECTED),
        ([COMPLETED, CONNECTED], ProviderStatus.CONNECTED),
        ([COMPLETED, None], ProviderStatus.PENDING),
        ([COMPLETED, BUSY], ProviderStatus.DISCONNECTED),
    ],
)
def test_the_provider_is_what_its_legs_are(reports: list[Report | None], status: ProviderStatus) -> None:
    legs = [a_leg(f"leg_{number}") for number in range(len(reports))]
    told = [reported(leg, said, LATER) if said else leg for leg, said in zip(legs, reports, strict=True)]
    assert the_provider(*told).status is status


def test_the_provider_shows_the_connected_call_and_then_the_newest() -> None:
    first = reported(placed(a_leg("leg_1"), "CA1"), CONNECTED, LATER)
    second = placed(a_leg("leg_2", created_at=LATER), "CA2")
    assert the_provider(first, second).details["call_sid"] == "CA1"
    assert the_provider(over(first, LegEnd.COMPLETED, LATER), second).details["call_sid"] == "CA2"


def test_the_seeds_provider_of_an_outbound_call() -> None:
    leg = reported(placed(a_leg(), "CA1234567890abcdef"), CONNECTED, LATER)
    session = telephoned(a_session(), [leg])
    assert session_object(session, LATER)["provider"] == {
        "type": "twilio",
        "phone_number": "+14155550100",
        "status": "connected",
        "call_sid": "CA1234567890abcdef",
        "direction": "outbound",
        "connection_id": "pcon_1",
        "to": "+4930123456",
    }


def test_a_failure_is_told_and_forgotten_with_the_next_call() -> None:
    busy = reported(placed(a_leg(), "v3:1"), BUSY, LATER)
    provider = the_provider(replace(busy, carrier=Carrier.TELNYX))
    assert (provider.type, provider.details["call_control_id"], provider.details["reason"]) == (
        "telnyx",
        "v3:1",
        "busy",
    )
    again = the_provider(busy, a_leg("leg_2", created_at=LATER), provider=provider)
    assert "reason" not in again.details and "call_sid" not in again.details


def test_an_inbound_call_shows_who_calls_and_our_own_number() -> None:
    leg = a_leg(direction=Direction.INBOUND, from_number="+4930123456", to_number="+14155550100")
    provider = the_provider(leg)
    assert (provider.phone_number, provider.details["from"]) == ("+14155550100", "+4930123456")
    assert "from" not in the_provider(replace(leg, from_number="")).details


def test_a_call_by_sip_has_no_connection_and_no_number() -> None:
    leg = a_leg(
        carrier=Carrier.SIP, direction=Direction.INBOUND, connection_id="", call_id="a84b4c76e66710",
        to_number="sip:sess_1@sip.example.com", from_number="sip:alice@pbx.example.com",
    )  # fmt: skip
    assert leg_object(leg)["provider"] == {"type": "sip", "sip_call_id": "a84b4c76e66710"}
    provider = the_provider(leg)
    assert (provider.type, provider.phone_number) == ("sip", None)
    assert provider.details == {
        "direction": "inbound", "from": "sip:alice@pbx.example.com", "sip_call_id": "a84b4c76e66710",
    }  # fmt: skip


def test_a_call_by_sip_is_the_one_that_was_waited_for_whoever_came_before_it() -> None:
    leg = a_leg(carrier=Carrier.SIP, direction=Direction.INBOUND, connection_id="", call_id="a84b4c76e66710")
    told = the_provider(leg, provider=Provider("sip", ProviderStatus.CONNECTED))
    assert told.details["sip_call_id"] == "a84b4c76e66710"
    over = the_provider(replace(leg, status=LegStatus.ENDED), provider=told)
    assert over.status is ProviderStatus.DISCONNECTED


@pytest.mark.parametrize(
    "theirs",
    [
        Provider("sip", ProviderStatus.CONNECTED, details={"sip_call_id": "theirs"}),
        Provider("twilio", details={"call_sid": "CA-theirs"}),
        Provider("telnyx", details={"call_control_id": "v3:theirs"}),
        Provider("twilio", ProviderStatus.CONNECTED),
    ],
)
def test_a_provider_that_is_the_customers_own_business_stays_as_it_is(theirs: Provider) -> None:
    assert the_provider(reported(a_leg(), BUSY, LATER), provider=theirs) == theirs


def test_the_callers_own_fields_stay_beside_ours() -> None:
    asked = Provider("twilio", phone_number="+14155551234", details={"codecs": ["PCMU"]})
    provider = the_provider(a_leg(), provider=asked)
    assert (provider.phone_number, provider.details["codecs"], provider.managed) == ("+14155551234", ["PCMU"], True)


def test_a_stream_that_joins_does_not_connect_a_telephone_that_still_rings() -> None:
    session = join(telephoned(a_session(), [reported(a_leg(), RINGING, LATER)]))
    assert session.provider is not None
    assert session.provider.status is ProviderStatus.PENDING
    theirs = join(a_session(provider=Provider("twilio"))).provider
    assert theirs is not None and theirs.status is ProviderStatus.CONNECTED


def test_an_ended_session_has_nobody_on_the_telephone_whatever_comes_late() -> None:
    ended = flushed(end(telephoned(a_session(), [a_leg()]), EndReason.COMPLETED, LATER))
    late = telephoned(ended, [reported(a_leg(), CONNECTED, LATER)]).provider
    assert late is not None and late.status is ProviderStatus.DISCONNECTED


def test_all_legs_with_one_as_it_is_now() -> None:
    first, second = a_leg("leg_1"), a_leg("leg_2", created_at=LATER)
    third = a_leg("leg_3")
    assert [leg.id for leg in changed([second, first], third)] == ["leg_1", "leg_3", "leg_2"]
    assert changed([first, second], over(first, LegEnd.BUSY, LATER))[0].ended_as is LegEnd.BUSY


def test_a_leg_as_the_api_shows_it() -> None:
    leg = over(reported(placed(a_leg(), "CA1"), CONNECTED, LATER), LegEnd.COMPLETED, LATER)
    expected: dict[str, Any] = {
        "id": "leg_1",
        "object": "leg",
        "session_id": "sess_1",
        "direction": "outbound",
        "participant": "customer",
        "to": "+4930123456",
        "from": "+14155550100",
        "status": "ended",
        "provider": {"type": "twilio", "connection_id": "pcon_1", "call_sid": "CA1"},
        "created_at": "2026-03-26T11:00:00Z",
        "connected_at": "2026-03-26T11:00:10Z",
        "ended_at": "2026-03-26T11:00:10Z",
        "end_reason": "completed",
    }
    assert leg_object(leg) == expected
    assert "end_reason" not in leg_object(a_leg())
