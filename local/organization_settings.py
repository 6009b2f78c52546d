"""What an operator can set for an organization, one row each: its option, what it does, how it is shown.

A further setting is a row in `SETTINGS`; the command needs no change.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from core.domain.languages import is_known
from core.domain.limits import RateLimit, RouteGroup
from core.domain.organizations import Organization
from core.domain.sessions import Channels, Recording

NONE = "none"
_RATE = re.compile(r"(create|read|write)=(\d{1,6})/(\d{1,6}(?:\.\d{1,3})?)")


@dataclass(frozen=True, slots=True)
class Setting:
    """`change` raises ValueError, with a message for people. An option may be given several times."""

    option: str
    value: str
    meaning: str
    change: Callable[[Organization, str], Organization]
    show: Callable[[Organization], str]


def _active(organization: Organization, value: str) -> Organization:
    if value not in ("yes", "no"):
        raise ValueError("say yes or no")
    return replace(organization, active=value == "yes")


def _language(field: str) -> Callable[[Organization, str], Organization]:
    def change(organization: Organization, value: str) -> Organization:
        if value != NONE and not is_known(value):
            raise ValueError("not a language code of GET /v1/languages")
        return _default(organization, field, _or_none(value))

    return change


def _recording(organization: Organization, value: str) -> Organization:
    choices = {NONE: None, "off": Recording()} | {str(each): Recording(True, each) for each in Channels}
    if value not in choices:
        raise ValueError(f"say one of {', '.join(choices)}")
    return _default(organization, "recording", choices[value])


def _webhook(organization: Organization, value: str) -> Organization:
    if value != NONE and (urlsplit(value).scheme != "https" or not urlsplit(value).hostname):
        raise ValueError("not an https address")
    return _default(organization, "webhook_url", _or_none(value))


def _rate(organization: Organization, value: str) -> Organization:
    if value == NONE:
        return replace(organization, rate_limits={})
    found = _RATE.fullmatch(value)
    if found is None:
        raise ValueError("say group=burst/per_second, such as create=200/20")
    group, burst, per_s = found.groups()
    limit = RateLimit(int(burst), float(per_s))
    return replace(organization, rate_limits={**organization.rate_limits, RouteGroup(group): limit})


def _max_sessions(organization: Organization, value: str) -> Organization:
    return replace(organization, max_sessions=_count(value))


def _credits(organization: Organization, value: str) -> Organization:
    return replace(organization, credits_s=_count(value))


def _count(value: str) -> int | None:
    if value == NONE:
        return None
    if not re.fullmatch(r"\d{1,12}", value):
        raise ValueError(f"say a number, or {NONE}")
    return int(value)


def _default(organization: Organization, field: str, value: Any) -> Organization:
    return replace(organization, defaults=replace(organization.defaults, **{field: value}))


def _or_none(value: str) -> str | None:
    return None if value == NONE else value


def _shown(value: object) -> str:
    return NONE if value is None else str(value)


def _shown_recording(organization: Organization) -> str:
    recording = organization.defaults.recording
    return NONE if recording is None else str(recording.channels) if recording.enabled else "off"


def _shown_rates(organization: Organization) -> str:
    limits = ((group, organization.rate_limit(group)) for group in RouteGroup)
    return ", ".join(f"{group}={limit.burst}/{limit.per_s:g}" for group, limit in limits)


SETTINGS = (
    Setting(
        "name", "TEXT", "what to call it", lambda found, value: replace(found, name=value), lambda found: found.name
    ),
    Setting("active", "yes|no", "no refuses all its keys", _active, lambda found: "yes" if found.active else "no"),
    Setting(
        "source-language",
        "CODE",
        "what customers speak where a request does not say",
        _language("source_language"),
        lambda found: _shown(found.defaults.source_language),
    ),
    Setting(
        "target-language",
        "CODE",
        "what agents speak where a request does not say",
        _language("target_language"),
        lambda found: _shown(found.defaults.target_language),
    ),
    Setting(
        "recording", "off|dual|mono", "what is recorded where a request does not say", _recording, _shown_recording
    ),
    Setting(
        "webhook-url",
        "URL",
        "where a session's events go where a request does not say, in place of webhook endpoints",
        _webhook,
        lambda found: _shown(found.defaults.webhook_url),
    ),
    Setting(
        "rate",
        "GROUP=BURST/PER_S",
        "requests of each key, for the groups create, read and write",
        _rate,
        _shown_rates,
    ),
    Setting(
        "max-sessions",
        "N",
        "how many sessions may run at once, live and test together",
        _max_sessions,
        lambda found: _shown(found.max_sessions),
    ),
    Setting(
        "credits",
        "SECONDS",
        "seconds of active calls bought in all; none counts nothing",
        _credits,
        lambda found: _shown(found.credits_s),
    ),
)
