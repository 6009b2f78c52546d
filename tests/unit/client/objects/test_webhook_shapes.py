"""What the client reads of webhooks is what the API's own document shows."""

from __future__ import annotations

from dataclasses import fields

import pytest

from kallglot import Event, WebhookDelivery, WebhookEndpoint, WebhookReplay, WebhookSecret
from kallglot.objects.reading import Object
from reference.objects import all_objects

OWN = {field.name for field in fields(Object)}


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (Event, "EventObject"),
        (WebhookDelivery, "WebhookDelivery"),
        (WebhookEndpoint, "NewWebhookEndpoint"),
        (WebhookReplay, "WebhookReplay"),
        (WebhookSecret, "NewWebhookSecret"),
    ],
)
def test_every_field_is_one_that_is_shown(kind: type[Object], shown: str) -> None:
    described = {field.alias or name for name, field in all_objects()[shown].model_fields.items()}
    assert {field.name for field in fields(kind)} - OWN <= described
