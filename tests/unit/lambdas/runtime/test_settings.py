"""The environment as models."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from lambdas.runtime.settings import RestSettings, SweepSettings

REST = {
    "POWERTOOLS_SERVICE_NAME": "rest.app",
    "SESSIONS_TABLE": "s",
    "ACCESS_TABLE": "a",
    "OUTBOX_TABLE": "o",
    "IDLE_TIMEOUT_S": "1800",
    "RECONNECT_WINDOW_S": "300",
    "API_KEY_PEPPER_SECRET_ARN": "arn",
    "STREAM_TOKEN_SECRET_ARN": "arn",
    "STREAM_BASE_URL": "wss://stream.example.com",
    "DOCS_URL": "https://api.example.com/v1/docs",
    "INBOX_PREFIX": "kallglot-inbox-",
    "RECORDINGS_BUCKET": "b",
    "KNOWLEDGE_BUCKET": "k",
    "KALLGLOT_ENGINES": "embedded",
    "DELIVERIES_TABLE": "d",
    "HANDOFFS_QUEUE_URL": "https://sqs.example.com/q",
    "WEBHOOK_KEY_SECRET_ARN": "arn",
    "LOCAL_TARGETS": "false",
    "CONNECTION_SECRETS": "kallglot/connections",
    "SIP_DOMAIN": "",
}


def test_the_environment_is_read_with_its_types() -> None:
    settings = RestSettings.read(REST | {"UNRELATED": "x"})

    assert (settings.idle_timeout_s, settings.stream_base_url) == (1800, "wss://stream.example.com")


@pytest.mark.parametrize("name", list(REST))
def test_a_missing_variable_is_noticed_at_once(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        RestSettings.read({key: value for key, value in REST.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"), [("IDLE_TIMEOUT_S", "0"), ("RECONNECT_WINDOW_S", "x"), ("STREAM_BASE_URL", "https://x")]
)
def test_a_senseless_value_is_noticed_too(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        RestSettings.read(REST | {name: value})


def test_each_function_asks_for_what_it_needs_and_no_more() -> None:
    rest_alone = {
        *("API_KEY_PEPPER_SECRET_ARN", "STREAM_TOKEN_SECRET_ARN", "STREAM_BASE_URL", "KALLGLOT_ENGINES"),
        *("WEBHOOK_KEY_SECRET_ARN", "LOCAL_TARGETS", "CONNECTION_SECRETS", "SIP_DOMAIN"),
    }
    needed = {name: value for name, value in REST.items() if name not in rest_alone}
    assert SweepSettings.read(needed).inbox_prefix == "kallglot-inbox-"
