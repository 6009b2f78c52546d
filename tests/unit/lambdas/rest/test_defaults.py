"""What an organization has set stands in for what a create leaves out, and for nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.organizations import Defaults, Organization
from core.domain.sessions import Channels, Recording
from tests.builders import ACME
from tests.fakes.rest import RestWorld

BARE = {"mode": "bidirectional_translation"}
HOOK = "https://example.com/hook"


def world(**defaults: Any) -> RestWorld:
    made = RestWorld()
    made.access.put_organization(Organization("org_acme", "Acme", defaults=Defaults(**defaults)))
    return made


def test_a_late_client_leaves_out_what_its_organization_has_set() -> None:
    acme = world(source_language="de", target_language="en", recording=Recording(True, Channels.MONO), webhook_url=HOOK)

    created = acme.post("/v1/sessions", BARE)

    assert created.status == 201
    assert (created.body["source_language"], created.body["target_language"]) == ("de", "en")
    assert created.body["recording"] == {"enabled": True, "channels": "mono"}
    stored = acme.sessions.find(ACME, created.body["id"])
    assert stored is not None
    assert stored.webhook_url == HOOK


def test_what_a_request_says_goes_before_the_defaults() -> None:
    acme = world(source_language="de", target_language="en", recording=Recording(True), webhook_url=HOOK)
    own = {"source_language": "es", "recording": {"enabled": False}, "webhook_url": "https://example.com/own"}

    created = acme.post("/v1/sessions", BARE | own).body

    assert (created["source_language"], created["target_language"]) == ("es", "en")
    assert created["recording"] == {"enabled": False}
    stored = acme.sessions.find(ACME, created["id"])
    assert stored is not None
    assert stored.webhook_url == "https://example.com/own"


@pytest.mark.parametrize(
    ("defaults", "missing"),
    [({}, "source_language"), ({"source_language": "de"}, "target_language")],
)
def test_a_language_that_nobody_has_said_is_still_missing(defaults: dict[str, str], missing: str) -> None:
    refused = world(**defaults).post("/v1/sessions", BARE)

    assert (refused.status, refused.error["code"], refused.error["param"]) == (422, "missing_required_field", missing)


def test_an_organization_that_has_gone_meanwhile_creates_nothing() -> None:
    acme = RestWorld()
    acme.access._organizations.clear()

    refused = acme.post("/v1/sessions", BARE | {"source_language": "de", "target_language": "en"})

    assert (refused.status, refused.error["code"]) == (403, "organization_inactive")
