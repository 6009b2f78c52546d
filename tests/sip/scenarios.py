"""What telephone systems do with a call, for SIPp; each is over in a few seconds."""

from __future__ import annotations

from tests.sip.scenario import Scenario

METADATA = ("X-Order: 4729", "X-Queue: returns")


def short(name: str = "short", milliseconds: int = 200) -> Scenario:
    return hung_up(taken(Scenario(name)).pause(milliseconds))


def speaking(file: str, milliseconds: int) -> Scenario:
    return hung_up(taken(Scenario("speaking", plays=True)).play(file, -1).pause(milliseconds))


def with_metadata() -> Scenario:
    return hung_up(Scenario("metadata").invite(headers=METADATA).expect(100, 180, 200).ack().pause(200))


def with_password() -> Scenario:
    return hung_up(challenged("password").expect(100, 180, 200).ack().pause(200), authenticated=True)


def with_wrong_password(status: int = 403) -> Scenario:
    return challenged("wrong-password").expect(100, status).ack_of_refusal()


def refused(name: str, status: int) -> Scenario:
    return Scenario(name).invite().expect(100, status).ack_of_refusal()


def held_and_resumed() -> Scenario:
    held = taken(Scenario("held")).pause(200)
    held.invite("sendonly").expect(100, 200, body="a=recvonly").ack().pause(500)
    held.invite("inactive").expect(100, 200, body="a=inactive").ack().pause(200)
    return hung_up(held.invite("sendrecv").expect(100, 200, body="a=sendrecv").ack().pause(200))


def asked_whether_it_is_there() -> Scenario:
    return Scenario("options").request("OPTIONS").expect(200, to="OPTIONS", header="Allow: INVITE")


def refreshed() -> Scenario:
    """Session timers: too short an interval, then one that is kept alive by both kinds of request."""
    too_short = Scenario("refreshed").invite(headers=("Session-Expires: 30", "Supported: timer"))
    call = too_short.expect(100, 422, header="Min-SE: 90").ack_of_refusal()
    timed = ("Session-Expires: 90;refresher=uac", "Supported: timer")
    call.invite(headers=timed).expect(100, 200, header="Session-Expires: 90;refresher=uac").ack().pause(200)
    call.request("UPDATE", timed).expect(200, to="UPDATE", header="Session-Expires: 90").pause(200)
    return hung_up(call.invite(headers=timed).expect(100, 200, header="Session-Expires: 90").ack().pause(200))


def taken(scenario: Scenario) -> Scenario:
    return scenario.invite().expect(100, 180, 200).ack()


def hung_up(scenario: Scenario, *, authenticated: bool = False) -> Scenario:
    return scenario.request("BYE", authenticated=authenticated).expect(200, to="BYE")


def challenged(name: str) -> Scenario:
    return Scenario(name).invite().expect(100, 401).ack_of_refusal().invite(authenticated=True)
