"""What `docs/webhooks.md` tells customers is what the code does."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.domain.deliveries import SCHEDULE
from core.domain.events import EventType
from core.domain.webhooks import SIGNATURE_HEADER, signature
from lambdas.rest.app import ROUTES

GUIDE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()
BODY = '{"text":"Grüße"}'.encode()


def believed(body: bytes, header: str, secret: str = "whsec_mine") -> bool:
    """The guide's own lines, run."""
    (lines,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert len(lines.splitlines()) == 5
    names = {
        "request": SimpleNamespace(headers={SIGNATURE_HEADER: header}),
        "body": body,
        "SECRET": secret,
        "hmac": hmac,
        "hashlib": hashlib,
        "time": time,
    }
    exec(lines, names)
    return bool(names["genuine"] and names["recent"])


@pytest.mark.parametrize("secrets", [["whsec_mine"], ["whsec_new", "whsec_mine"], ["whsec_mine", "whsec_old"]])
def test_its_five_lines_believe_us_also_during_a_rotation(secrets: list[str]) -> None:
    assert believed(BODY, signature(secrets, BODY, datetime.now(UTC)))


def test_its_five_lines_believe_nobody_else() -> None:
    now = datetime.now(UTC)
    assert not believed(BODY + b" ", signature(["whsec_mine"], BODY, now))
    assert not believed(BODY, signature(["whsec_others"], BODY, now))
    assert not believed(BODY, signature(["whsec_mine"], BODY, now - timedelta(minutes=6)))


def test_its_schedule_is_the_schedule() -> None:
    def said(wait: timedelta) -> str:
        minutes = int(wait.total_seconds()) // 60
        return "at once" if not wait else f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"

    assert f"| {' | '.join(said(wait) for wait in SCHEDULE)} |" in GUIDE


def test_it_names_every_type_that_customers_get() -> None:
    assert {kind.value for kind in EventType if not kind.is_internal} <= set(re.findall(r"`([a-z_.]+)`", GUIDE))


def test_every_route_that_it_names_is_there() -> None:
    named = re.findall(r"`(GET|POST|PATCH|DELETE) (/v1/[a-z_/{}]+)`", GUIDE)
    known = {(route.method, re.sub("<[a-z_]+>", "{id}", route.path)) for route in ROUTES}
    assert len(named) >= 6 and set(named) <= known
