"""What an operator sets for an organization, and how it is shown to them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.domain.limits import RATE_LIMITS, RateLimit, RouteGroup
from core.domain.organizations import Defaults, Organization
from core.domain.sessions import Channels, Recording
from local import organization
from local.organization_settings import SETTINGS
from tests.fakes.stores import MemoryAccess

ACME = Organization("org_acme", "Acme")


class Deployment:
    def __init__(self, access: MemoryAccess) -> None:
        self.access = access


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> MemoryAccess:
    access = MemoryAccess()
    access.put_organization(ACME)
    monkeypatch.setattr(organization, "Deployed", lambda _prefix: Deployment(access))
    return access


def run(*options: str, of: str = "org_acme") -> int:
    return organization.main(["--id", of, *options])


def test_everything_is_set_in_one_go_and_what_is_not_named_stays(access: MemoryAccess) -> None:
    given = ["--name", "Acme Ltd", "--active", "no", "--source-language", "de", "--target-language", "en"]
    given += ["--recording", "mono", "--webhook-url", "https://example.com/hook", "--max-sessions", "50"]
    given += ["--credits", "3600", "--rate", "create=5/0.5", "--rate", "read=10/2"]

    assert run(*given) == 0

    assert access.organization("org_acme") == Organization(
        "org_acme",
        "Acme Ltd",
        active=False,
        defaults=Defaults("de", "en", Recording(True, Channels.MONO), "https://example.com/hook"),
        rate_limits={RouteGroup.CREATE: RateLimit(5, 0.5), RouteGroup.READ: RateLimit(10, 2)},
        max_sessions=50,
        credits_s=3600,
    )


def test_none_takes_a_setting_back(access: MemoryAccess) -> None:
    names = ("source-language", "target-language", "recording", "webhook-url", "max-sessions", "credits", "rate")
    values = ("de", "en", "dual", "https://example.com", "0", "0", "write=1/1")
    assert run(*(word for name, value in zip(names, values, strict=True) for word in (f"--{name}", value))) == 0
    assert access.organization("org_acme") != ACME

    assert run(*(word for name in names for word in (f"--{name}", "none"))) == 0

    assert access.organization("org_acme") == ACME


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("active", "maybe"),
        ("source-language", "xx"),
        ("recording", "stereo"),
        ("webhook-url", "http://example.com"),
        ("webhook-url", "https://"),
        ("rate", "create=5"),
        ("rate", "everything=5/5"),
        ("rate", "create=0/5"),
        ("rate", "create=5/0"),
        ("max-sessions", "-1"),
        ("credits", "much"),
    ],
)
def test_what_makes_no_sense_changes_nothing_and_is_named(
    access: MemoryAccess, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    assert run("--name", "Other", f"--{option}={value}") == 1

    assert access.organization("org_acme") == ACME
    assert f"--{option}" in capsys.readouterr().err


def test_an_organization_is_made_when_something_is_set_for_it(access: MemoryAccess) -> None:
    assert run(of="org_new") == 1
    assert access.organization("org_new") is None

    assert run("--name", "New", of="org_new") == 0
    assert access.organization("org_new") == Organization("org_new", "New")


def test_it_is_shown_as_text_with_every_setting(access: MemoryAccess, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0

    rows = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert list(rows) == ["id", *(setting.option for setting in SETTINGS)]
    assert (rows["name"], rows["active"], rows["credits"]) == ("Acme", "yes", "none")
    create = RATE_LIMITS[RouteGroup.CREATE]
    assert f"create={create.burst}/{create.per_s:g}" in rows["rate"]


def test_it_is_shown_as_json(access: MemoryAccess, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--rate", "write=7/3", "--json") == 0

    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (told["id"], told["name"], told["max_sessions"]) == ("org_acme", "Acme", None)
    assert told["rate_limits"] == {"write": {"burst": 7, "per_s": 3.0}}
