"""The environment of each function, as a model: validated once, in `wiring`, before the first request.

The names are declared a second time in `stacks/`; an infrastructure test feeds each synthesized environment to its
class here, so that a missing variable fails in a test and not at two in the morning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    # Built at its first use: each function has one of them.
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)

    log_level: str = Field("INFO", alias="LOG_LEVEL")
    service: str = Field(alias="POWERTOOLS_SERVICE_NAME")
    # Read by Powertools.
    metrics_namespace: str = Field("Kallglot", alias="POWERTOOLS_METRICS_NAMESPACE")

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        return cls.model_validate(dict(environment))


class Sessions(Settings):
    """For whoever changes sessions."""

    sessions_table: str = Field(alias="SESSIONS_TABLE")
    access_table: str = Field(alias="ACCESS_TABLE")
    outbox_table: str = Field(alias="OUTBOX_TABLE")
    idle_timeout_s: int = Field(alias="IDLE_TIMEOUT_S", gt=0)
    reconnect_window_s: int = Field(alias="RECONNECT_WINDOW_S", gt=0)


class Handoffs(Settings):
    """For whoever begins deliveries."""

    deliveries_table: str = Field(alias="DELIVERIES_TABLE")
    handoffs_queue_url: str = Field(alias="HANDOFFS_QUEUE_URL")


class RestSettings(Sessions, Handoffs):
    webhook_key_secret_arn: str = Field(alias="WEBHOOK_KEY_SECRET_ARN")
    local_targets: bool = Field(alias="LOCAL_TARGETS")
    api_key_pepper_secret_arn: str = Field(alias="API_KEY_PEPPER_SECRET_ARN")
    stream_token_secret_arn: str = Field(alias="STREAM_TOKEN_SECRET_ARN")
    stream_base_url: str = Field(alias="STREAM_BASE_URL", pattern=r"^wss?://")
    inbox_prefix: str = Field(alias="INBOX_PREFIX")
    recordings_bucket: str = Field(alias="RECORDINGS_BUCKET")
    knowledge_bucket: str = Field(alias="KNOWLEDGE_BUCKET")
    connection_secrets: str = Field(alias="CONNECTION_SECRETS")
    # Host, and port if need be, that telephone systems call; empty where there is none.
    sip_domain: str = Field(alias="SIP_DOMAIN")
    engines: str = Field(alias="KALLGLOT_ENGINES")
    docs_url: str = Field(alias="DOCS_URL", pattern=r"^https?://")


class AuthorizerSettings(Settings):
    access_table: str = Field(alias="ACCESS_TABLE")
    sessions_table: str = Field(alias="SESSIONS_TABLE")
    api_key_pepper_secret_arn: str = Field(alias="API_KEY_PEPPER_SECRET_ARN")


class WatcherSettings(Settings):
    """$disconnect: nothing but the watchers."""

    deliveries_table: str = Field(alias="DELIVERIES_TABLE")


class ConnectSettings(WatcherSettings):
    access_table: str = Field(alias="ACCESS_TABLE")
    sessions_table: str = Field(alias="SESSIONS_TABLE")
    api_key_pepper_secret_arn: str = Field(alias="API_KEY_PEPPER_SECRET_ARN")
    stream_token_secret_arn: str = Field(alias="STREAM_TOKEN_SECRET_ARN")


class PushSettings(WatcherSettings):
    """Whoever answers on sockets."""

    events_endpoint_url: str = Field(alias="EVENTS_ENDPOINT_URL")


class OverhearSettings(PushSettings):
    """Whoever reads sessions, and tells their workers that somebody watches."""

    sessions_table: str = Field(alias="SESSIONS_TABLE")
    inbox_prefix: str = Field(alias="INBOX_PREFIX")


class SubscribeSettings(OverhearSettings):
    access_table: str = Field(alias="ACCESS_TABLE")


class EndSessionSettings(PushSettings, Sessions):
    inbox_prefix: str = Field(alias="INBOX_PREFIX")


class RelaySettings(Settings):
    event_bus: str = Field(alias="EVENT_BUS")
    outbox_table: str = Field(alias="OUTBOX_TABLE")


class ReconcileSettings(RelaySettings):
    """Both are lists with commas: queues of failed calls, and the functions that may be called again from there."""

    failed_queue_urls: str = Field(alias="FAILED_QUEUE_URLS", min_length=1)
    redriven: str = Field(alias="REDRIVEN", min_length=1)


class FinalizeSettings(Sessions):
    recordings_bucket: str = Field(alias="RECORDINGS_BUCKET")
    recording_retention_days: int = Field(alias="RECORDING_RETENTION_DAYS", gt=0)


class IndexSettings(Settings):
    sessions_table: str = Field(alias="SESSIONS_TABLE")
    knowledge_bucket: str = Field(alias="KNOWLEDGE_BUCKET")


class FanOutSettings(Handoffs):
    outbox_table: str = Field(alias="OUTBOX_TABLE")


class DeliverSettings(Handoffs):
    """`webhook_places`: requests to one target at once. `local_targets`: whether test keys may reach loopback."""

    outbox_table: str = Field(alias="OUTBOX_TABLE")
    webhook_key_secret_arn: str = Field(alias="WEBHOOK_KEY_SECRET_ARN")
    webhook_timeout_s: float = Field(alias="WEBHOOK_TIMEOUT_S", gt=0, le=30)
    webhook_places: int = Field(alias="WEBHOOK_PLACES", gt=0)
    local_targets: bool = Field(alias="LOCAL_TARGETS")


class SweepSettings(Sessions, Handoffs):
    inbox_prefix: str = Field(alias="INBOX_PREFIX")


class TelephonySettings(Sessions):
    """For whoever speaks with carriers. `public_url` is the REST API's origin as they reach it, without `/v1`."""

    stream_token_secret_arn: str = Field(alias="STREAM_TOKEN_SECRET_ARN")
    stream_base_url: str = Field(alias="STREAM_BASE_URL", pattern=r"^wss?://")
    public_url: str = Field(alias="PUBLIC_URL", pattern=r"^https?://")


class CarrierWebhookSettings(TelephonySettings):
    engines: str = Field(alias="KALLGLOT_ENGINES")
    docs_url: str = Field(alias="DOCS_URL", pattern=r"^https?://")
    connection_secrets: str = Field(alias="CONNECTION_SECRETS")


class DialSettings(TelephonySettings):
    twilio_api_url: str = Field(alias="TWILIO_API_URL", pattern=r"^https?://")
    telnyx_api_url: str = Field(alias="TELNYX_API_URL", pattern=r"^https?://")
