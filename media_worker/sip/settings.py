"""The gateway's environment as a model: what its task definition declares, read once at start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class GatewaySettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    sessions_table: str = Field(alias="SESSIONS_TABLE")
    access_table: str = Field(alias="ACCESS_TABLE")
    outbox_table: str = Field(alias="OUTBOX_TABLE")
    stream_token_secret_arn: str = Field(alias="STREAM_TOKEN_SECRET_ARN")
    # Where sessions are streamed to, without a path.
    stream_url: str = Field(alias="STREAM_URL", pattern=r"^wss?://[^/]+$")
    host: str = Field("0.0.0.0", alias="SIP_HOST")  # noqa: S104 - a task has a network interface of its own
    port: int = Field(5060, alias="SIP_PORT", ge=0, le=65535)
    # Connections whose TLS ended at the balancer; 0 for none.
    tls_port: int = Field(0, alias="SIP_TLS_PORT", ge=0, le=65535)
    # What PBXs call, and the realm of passwords.
    domain: str = Field("", alias="SIP_DOMAIN")
    # Calls that are to be made; empty where none are.
    dial_queue_url: str = Field("", alias="DIAL_QUEUE_URL")
    # Trunks may be on this very machine, as webhooks' targets may.
    local_targets: bool = Field(False, alias="LOCAL_TARGETS")
    # What others are told to reach this process at. Empty: asked of EC2 in a task, elsewhere the host itself.
    public_host: str = Field("", alias="SIP_PUBLIC_HOST")
    rtp_first_port: int = Field(16384, alias="RTP_FIRST_PORT", ge=1024, le=65534)
    rtp_last_port: int = Field(17407, alias="RTP_LAST_PORT", ge=1025, le=65535)
    health_port: int = Field(8090, alias="HEALTH_PORT", ge=0, le=65535)
    max_calls: int = Field(100, alias="MAX_CALLS", ge=1)
    idle_timeout_s: int = Field(1800, alias="IDLE_TIMEOUT_S", gt=0)
    reconnect_window_s: int = Field(300, alias="RECONNECT_WINDOW_S", gt=0)
    rtp_timeout_s: float = Field(30.0, alias="RTP_TIMEOUT_S", gt=0)
    # How long calls may go on when the task is told to stop; ECS waits for no more than two minutes.
    stop_s: float = Field(90.0, alias="STOP_S", ge=0)
    metadata_uri: str | None = Field(None, alias="ECS_CONTAINER_METADATA_URI_V4")
    agent_uri: str | None = Field(None, alias="ECS_AGENT_URI")
    log_level: str = Field("INFO", alias="LOG_LEVEL")
    metrics_namespace: str = Field("Kallglot", alias="METRICS_NAMESPACE")

    @model_validator(mode="after")
    def _has_ports(self) -> Self:
        if self.rtp_last_port < self.rtp_first_port + 1:
            raise ValueError("RTP_LAST_PORT: at least one pair of ports")
        return self

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        return cls.model_validate(dict(environment))
