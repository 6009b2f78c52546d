"""The worker's environment as a model: what its task definition declares, read once at start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, Json

from media_worker.relief import TURN_S


class WorkerSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    sessions_table: str = Field(alias="SESSIONS_TABLE")
    access_table: str = Field(alias="ACCESS_TABLE")
    outbox_table: str = Field(alias="OUTBOX_TABLE")
    recordings_bucket: str = Field(alias="RECORDINGS_BUCKET")
    knowledge_bucket: str = Field(alias="KNOWLEDGE_BUCKET")
    stream_token_secret_arn: str = Field(alias="STREAM_TOKEN_SECRET_ARN")
    inbox_prefix: str = Field(alias="INBOX_PREFIX")
    event_bus: str = Field(alias="EVENT_BUS")
    idle_timeout_s: int = Field(alias="IDLE_TIMEOUT_S", gt=0)
    reconnect_window_s: int = Field(alias="RECONNECT_WINDOW_S", gt=0)
    engines: str = Field("embedded", alias="KALLGLOT_ENGINES")
    engine_options: Json[dict[str, str]] = Field({}, alias="ENGINE_OPTIONS")
    # Empty: nobody steps in for engines that fail.
    engine_fallback: str = Field("", alias="ENGINE_FALLBACK")
    engine_fallback_options: Json[dict[str, str]] = Field({}, alias="ENGINE_FALLBACK_OPTIONS")
    engine_processes: int = Field(1, alias="ENGINE_PROCESSES", ge=1, le=64)
    # What agents think with.
    language_model: str = Field("embedded", alias="LANGUAGE_MODEL")
    language_model_options: Json[dict[str, str]] = Field({}, alias="LANGUAGE_MODEL_OPTIONS")
    models_dir: Path = Field(alias="MODELS_DIR")
    # Where models are fetched from at start, if they are not there: nowhere, `hub`, or s3://bucket/prefix.
    models_source: str = Field("", alias="MODELS_SOURCE", pattern=r"^(|hub|s3://.+)$")
    port: int = Field(8080, alias="PORT", ge=0, le=65535)
    host: str = Field("0.0.0.0", alias="HOST")  # noqa: S104 - inside its own network namespace, behind the ALB
    relay_port: int = Field(8081, alias="RELAY_PORT", ge=0, le=65535)
    max_sessions: int = Field(400, alias="MAX_SESSIONS", ge=1)
    # Both are set by ECS inside every task.
    metadata_uri: str | None = Field(None, alias="ECS_CONTAINER_METADATA_URI_V4")
    agent_uri: str | None = Field(None, alias="ECS_AGENT_URI")
    # Shorter in tests, so that a deployment is noticed sooner.
    relief_turn_s: float = Field(TURN_S, alias="RELIEF_TURN_S", gt=0)
    log_level: str = Field("INFO", alias="LOG_LEVEL")
    metrics_namespace: str = Field("Kallglot", alias="METRICS_NAMESPACE")

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        return cls.model_validate(dict(environment))
