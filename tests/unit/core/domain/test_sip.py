"""Who may call by SIP, and what is kept of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.access import Tenant
from core.domain.digest import Algorithm
from core.domain.sip import (
    MOST_CREDENTIALS,
    Lease,
    Sip,
    free_leases,
    hashes,
    is_inside,
    network_of,
    rotated,
    trunk_secret_name,
    with_credential,
    with_headers,
    without_credential,
)
from core.errors import Conflict, NotFound
from tests.fakes.clocks import START
from tests.fakes.sip import a_credential

LATER = START + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("network", "host", "inside"),
    [
        ("192.0.2.0/24", "192.0.2.255", True),
        ("192.0.2.0/24", "192.0.3.0", False),
        ("192.0.2.7/32", "192.0.2.7", True),
        ("192.0.2.0/24", "::ffff:192.0.2.7", True),
        ("2001:db8::/32", "2001:db8::1", True),
        ("2001:db8::/32", "2001:db9::1", False),
        ("fe80::/10", "fe80::1%eth0", True),
        ("192.0.2.0/24", "pbx.example.com", False),
        ("192.0.2.0/24", "", False),
        ("0.0.0.0/0", "2001:db8::1", False),
    ],
)
def test_an_address_is_inside_of_a_network_or_not(network: str, host: str, inside: bool) -> None:
    assert is_inside([network], host) is inside
    assert Sip(networks=(network,)).lets_in(host) is inside
    assert Sip().lets_in(host)


def test_networks_are_written_in_one_way() -> None:
    assert [network_of(text) for text in ("192.0.2.7", "192.0.2.0/255.255.255.0", "2001:DB8::/32")] == [
        "192.0.2.7/32",
        "192.0.2.0/24",
        "2001:db8::/32",
    ]
    for text in ("192.0.2.1/24", "pbx", "", "192.0.2.0/33", "300.0.0.1"):
        with pytest.raises(ValueError):
            network_of(text)


def test_a_username_is_one_credentials() -> None:
    held = with_credential(Sip(), a_credential("pbx"))
    with pytest.raises(Conflict) as refused:
        with_credential(held, a_credential("pbx", id="sipc_other"))
    assert (refused.value.code, refused.value.param) == ("sip_username_taken", "username")


def test_there_are_so_many_credentials() -> None:
    held = Sip(credentials={f"sipc_{n}": a_credential(f"pbx{n}") for n in range(MOST_CREDENTIALS)})
    with pytest.raises(Conflict) as refused:
        with_credential(held, a_credential("one_more"))
    assert refused.value.code == "sip_credential_limit_reached"
    with_credential(without_credential(held, "sipc_0"), a_credential("one_more"))
    with pytest.raises(NotFound):
        without_credential(held, "sipc_other")


def test_after_two_rotations_the_first_password_is_good_no_more() -> None:
    held = with_credential(Sip(), a_credential("pbx", "one"))
    for password in ("two", "three"):
        held = rotated(held, "sipc_pbx", hashes("pbx", password), START)
    credential = held.credentials["sipc_pbx"]
    wanted = tuple(hashes("pbx", password)["SHA-256"] for password in ("three", "two"))
    assert credential.accepted(Algorithm.SHA_256, LATER) == wanted
    assert credential.accepted(Algorithm.SHA_256, START + timedelta(hours=24))[1] not in wanted
    assert wanted[0] not in repr(held)
    with pytest.raises(NotFound):
        rotated(held, "sipc_other", {}, START)


def test_headers_become_metadata_as_far_as_they_fit() -> None:
    told = with_headers(
        {"sip_x_taken": "mine"},
        {
            "X-Foo-Bar": " v ",
            "x-taken": "theirs",
            "X-Kallglot-Participant": "agent",
            "Subject": "no",
            "X-Long": "v" * 501,
            "X-" + "k" * 40: "v",
            "X-Odd.Name!": "a\r\nb\x00",
            "X-Half": "\ud800",
        },
    )
    assert told == {"sip_x_taken": "mine", "sip_x_foo_bar": "v", "sip_x_odd_name_": "ab", "sip_x_half": "?"}
    full = {f"key{n}": "v" for n in range(50)}
    assert with_headers(full, {"X-More": "v"}) == full


def test_places_that_are_free() -> None:
    living, dead = Lease(0, "leg_1", LATER), Lease(2, "leg_2", START)
    assert free_leases([living, dead], 3, START) == [1, 2]
    assert free_leases([living], 1, START) == []
    assert free_leases([Lease(7, "leg_1", LATER)], 1, START) == [], "the limit was lowered below the numbers"


def test_live_and_test_trunks_have_secrets_of_their_own() -> None:
    names = {trunk_secret_name("kallglot", Tenant("org_acme", live)) for live in (True, False)}
    assert names == {"kallglot/trunks/org_acme/live", "kallglot/trunks/org_acme/test"}
