"""What may differ between two deployments, read from CDK context (`-c key=value` or `cdk.json`) and nowhere else."""

from __future__ import annotations

from typing import Literal, Self

from aws_cdk import RemovalPolicy
from constructs import Node
from pydantic import ConfigDict, Field, model_validator

from stacks.language_models import ModelChoice, Name
from stacks.profile import PROFILES, Profile
from stacks.sip_settings import SipSettings

Gpu = Literal["none", "whole", "mps", "fractional"]
Architecture = Literal["arm64", "x86_64"]

# A load balancer's name has no more room.
_NAMED_LENGTH = 32
_CELL = "{cell}"


class Config(SipSettings):
    """A value that is not one of the allowed ones stops the synthesis with its name and what was expected."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="kallglot", pattern=r"^[a-z][a-z0-9-]{1,20}$")
    stage: str = Field(default="dev", pattern=r"^[a-z][a-z0-9]{1,10}$")
    # A full copy of its own, beside others of the same name and stage: tables, secrets, addresses, names, everything.
    # Ends in a digit, so that no cell is called as a part of this deployment is.
    cell: str = Field(default="", pattern=r"^(|[a-z][a-z0-9]{0,8}[0-9])$")
    # What is not said below is as in `stacks.profile`. `local` is the laptop.
    profile: Literal["dev", "prod", "local"] = "dev"

    lambda_architecture: Architecture = "arm64"
    lambda_python: str = Field(default="3.14", pattern=r"^3\.\d+$")

    # Those that are in this release; `scripted` is for tests.
    # `whisper` needs an image that carries its models, `aws` calls Transcribe, Translate and Polly (docs/engines.md).
    engines: Literal["aws", "embedded", "scripted", "whisper"] = "embedded"
    engine_options: str = Field(default="{}", pattern=r"^\{.*\}$")
    # Engines that step in for the others when those keep failing; none by default, and never one on its own.
    engine_fallback: Literal["", "aws", "embedded", "scripted", "whisper"] = ""
    engine_fallback_options: str = Field(default="{}", pattern=r"^\{.*\}$")
    # What agents think with, and its options, a JSON object of strings; without one, the profile's own.
    language_model: Name | None = None
    language_model_options: str = "{}"
    # Where workers fetch their models at start: `hub` (the image then carries a lock), or s3://bucket/prefix.
    models: str = Field(default="", pattern=r"^(|hub|s3://[a-z0-9.-]{3,63}/[A-Za-z0-9_./-]*[A-Za-z0-9_-])$")
    idle_timeout_s: int = Field(default=1800, gt=0)
    reconnect_window_s: int = Field(default=300, gt=0)
    recording_retention_days: int = Field(default=365, ge=1, le=3650)
    # Webhooks being delivered at the same time are at most ten times this: a batch is ten.
    webhook_concurrency: int = Field(default=250, ge=2, le=1000)
    # Events being matched to endpoints at the same time, by ten.
    fan_out_concurrency: int = Field(default=50, ge=2, le=1000)
    webhook_timeout_s: int = Field(default=30, ge=1, le=30)
    # Public wss:// origin of the media worker; without one, the load balancer's own name over ws://. In this and in the
    # next one {cell} is filled in, and a cell's own must have it.
    stream_base_url: str | None = Field(default=None, pattern=r"^wss?://[^/]+$")
    # Public https:// address of the REST API, without /v1, as carriers are given it and sign it; without one, API
    # Gateway's own.
    api_base_url: str | None = Field(default=None, pattern=r"^https?://.*[^/]$")
    # The carriers' REST APIs: another region's, such as https://api.eu.telnyx.com/v2, or a stand-in for tests.
    twilio_api_url: str = Field(default="https://api.twilio.com", pattern=r"^https?://.*[^/]$")
    telnyx_api_url: str = Field(default="https://api.telnyx.com/v2", pattern=r"^https?://.*[^/]$")
    # Where people read the page of the API, to which errors link; without one, where the API itself serves it.
    docs_url: str | None = Field(default=None, pattern=r"^https?://.*[^/]$")
    # Where functions reach API Gateway's @connections; {api_id}, {region} and {stage} are filled in.
    events_endpoint_url: str = Field(
        default="https://{api_id}.execute-api.{region}.amazonaws.com/{stage}", pattern=r"^https?:"
    )

    gpu: Gpu = "none"
    worker_architecture: Architecture = "x86_64"
    # URI of a prebuilt image; without one, media_worker/Dockerfile is built when deploying.
    image: str | None = None
    engine_processes: int = Field(default=2, ge=1, le=64)
    # How many sessions a worker takes on before it answers 503, and the load balancer's next choice gets the call.
    max_sessions: int = Field(default=400, ge=1)
    # Workers; as many as their load asks for, between the two. The same number twice is not scaled.
    min_tasks: int | None = Field(default=None, ge=0)
    max_tasks: int | None = Field(default=None, ge=0)
    # Availability zones, and NAT gateways; with none, workers get public addresses and take traffic from the load
    # balancer only.
    zones: int | None = Field(default=None, ge=2, le=3)
    nat: int | None = Field(default=None, ge=0, le=3)
    # Of AWS's services inside the VPC, and a KMS key of the account's own for tables, recordings and secrets.
    endpoints: bool | None = None
    own_key: bool | None = None
    # One CloudFront host before streams, REST API and console, with its own certificate: no domain is needed. The load
    # balancer is then reached in no other way.
    edge: bool = False
    # Who asks that host for what, without query strings and cookies.
    edge_log: bool | None = None
    # Of the deployment, for what has to be made in another one beside it; the CDK tells it by itself.
    region: str | None = Field(default=None, pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    # Of ACM, for the host of `stream_base_url`: the load balancer then speaks TLS itself, and nothing else.
    certificate: str | None = Field(
        default=None, pattern=r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]+$"
    )
    # api., stream., events. and sip. below it, with a certificate, in a public hosted zone of Route 53 that holds it.
    domain: str | None = Field(
        default=None, pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=200
    )
    hosted_zone: str | None = Field(default=None, pattern=r"^Z[A-Z0-9]{5,31}$")
    # WAF in front of the REST API and of the load balancer, or of the edge before both; requests of one address in five
    # minutes before it is shut out.
    firewall: bool | None = None
    firewall_rate: int = Field(default=10_000, ge=100, le=2_000_000_000)
    dashboard: bool | None = None
    alarms: bool | None = None
    # Whom every alarm tells: an SNS topic of the same region. Without one they are seen in CloudWatch only.
    alarm_topic: str | None = Field(default=None, pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$")

    @classmethod
    def from_context(cls, node: Node, region: str | None = None) -> Config:
        """`region` is what the CDK takes for the deployment's, where nothing else is said."""
        given = {name: node.try_get_context(name) for name in cls.model_fields}
        given["region"] = given["region"] or region
        return cls.model_validate({name: value for name, value in given.items() if value is not None})

    @model_validator(mode="after")
    def _models_come_with_an_image(self) -> Self:
        """The image that is built here carries no weights of the set `whisper`."""
        if self.uses("whisper") and self.image is None:
            raise ValueError("engines=whisper needs image=<uri> of an image that carries its models: docs/engines.md")
        return self

    @model_validator(mode="after")
    def _the_language_model_can_be_asked(self) -> Self:
        _ = self.model_choice
        return self

    @property
    def model_choice(self) -> ModelChoice:
        return ModelChoice.read(self.language_model or self.defaults.language_model, self.language_model_options)

    def uses(self, engines: str) -> bool:
        return engines in (self.engines, self.engine_fallback)

    @model_validator(mode="after")
    def _others_step_in(self) -> Self:
        if self.engines == self.engine_fallback:
            raise ValueError(f"engine_fallback={self.engine_fallback} are the engines that it should step in for")
        return self

    @model_validator(mode="after")
    def _workers_can_be_scaled(self) -> Self:
        at_least, at_most = self.workers
        if at_least > at_most:
            raise ValueError(f"min_tasks={at_least} is more than max_tasks={at_most}")
        if at_least == 0 < at_most:
            raise ValueError("min_tasks=0: where no worker tells its load, none is ever started; for none, max_tasks=0")
        return self

    @model_validator(mode="after")
    def _the_edge_has_an_address_of_its_own(self) -> Self:
        if self.edge and (self.certificate or self.stream_base_url or self.api_base_url):
            raise ValueError(
                "edge=true brings an address and a certificate: leave out stream_base_url, api_base_url and certificate"
            )
        return self

    @model_validator(mode="after")
    def _a_domain_brings_names_and_certificate(self) -> Self:
        if (self.domain is None) != (self.hosted_zone is None):
            raise ValueError("domain=<name> and hosted_zone=<id of its zone in Route 53> go together")
        if self.domain and (self.edge or self.certificate or self.stream_base_url or self.api_base_url):
            raise ValueError(
                "domain=… brings names and a certificate: leave out edge, certificate, stream_base_url and api_base_url"
            )
        return self

    @model_validator(mode="after")
    def _a_certificate_is_for_a_name(self) -> Self:
        if self.certificate and not (self.stream_base_url or "").startswith("wss://"):
            raise ValueError(
                "certificate=… needs stream_base_url=wss://<its host>, which clients are told to connect to"
            )
        return self

    @model_validator(mode="after")
    def _a_cell_is_reached_under_a_name_of_its_own(self) -> Self:
        for name in ("stream_base_url", "api_base_url", "sip_host"):
            url = getattr(self, name) or ""
            if _CELL in url and not self.cell:
                raise ValueError(f"{name}={url} has a place for a cell, and none is given: cell=<name>")
            if url and self.cell and _CELL not in url:
                raise ValueError(f"{name}={url} must have {_CELL} in it, or callers of two cells would meet in one")
        if self.cell and len(self.prefix) > _NAMED_LENGTH:
            raise ValueError(f"name, stage and cell, {self.prefix}, have more than {_NAMED_LENGTH} characters together")
        return self

    @model_validator(mode="after")
    def _calls_by_sip_get_through(self) -> Self:
        if self.sip and self.domain and (self.sip_host or self.sip_certificate):
            raise ValueError("domain=… brings sip.<domain> and its certificate: leave out sip_host and sip_certificate")
        at_least, at_most = self.sip_tasks
        if at_least > at_most:
            raise ValueError(f"sip_min_tasks={at_least} is more than sip_max_tasks={at_most}")
        if self.sip and not self.workers[1]:
            raise ValueError("sip=true brings calls to media workers, and with max_tasks=0 there is none")
        return self

    @property
    def prefix(self) -> str:
        """Begins every name that is not left to CloudFormation."""
        return "-".join(part for part in (self.name, self.stage, self.cell) if part)

    def named(self, part: str) -> str:
        """The name of one of its addresses, below the domain; a cell has its own."""
        return f"{'-'.join(filter(None, (part, self.cell)))}.{self.domain}"

    @property
    def stream_origin(self) -> str | None:
        if self.domain:
            return f"wss://{self.named('stream')}"
        return self.stream_base_url and self.stream_base_url.replace(_CELL, self.cell)

    @property
    def api_origin(self) -> str | None:
        if self.domain:
            return f"https://{self.named('api')}"
        return self.api_base_url and self.api_base_url.replace(_CELL, self.cell)

    @property
    def sip_name(self) -> str | None:
        """What telephone systems dial behind the @; None where the load balancer's own name is the only one."""
        if self.domain:
            return self.named("sip")
        return self.sip_host and self.sip_host.replace(_CELL, self.cell)

    @property
    def sip_domain(self) -> str:
        """The same without a port; empty where there is no name."""
        return (self.sip_name or "").partition(":")[0]

    @property
    def bus_name(self) -> str:
        return f"{self.prefix}-events"

    @property
    def rest_api_name(self) -> str:
        return f"{self.prefix}-rest"

    @property
    def metrics_namespace(self) -> str:
        """Its own, so that figures of two deployments in one account are not added up."""
        return f"Kallglot/{self.prefix}"

    @property
    def has_endpoints(self) -> bool:
        return self.defaults.endpoints if self.endpoints is None else self.endpoints

    @property
    def has_own_key(self) -> bool:
        return self.defaults.own_key if self.own_key is None else self.own_key

    @property
    def has_firewall(self) -> bool:
        return self.defaults.firewall if self.firewall is None else self.firewall

    @property
    def has_edge_log(self) -> bool:
        return self.edge and (self.defaults.edge_log if self.edge_log is None else self.edge_log)

    @property
    def has_dashboard(self) -> bool:
        return self.defaults.dashboard if self.dashboard is None else self.dashboard

    @property
    def has_alarms(self) -> bool:
        """On symptoms; those of single functions and queues are always there."""
        return self.defaults.alarms if self.alarms is None else self.alarms

    @property
    def inbox_prefix(self) -> str:
        """SQS queue names of worker inboxes begin with it; grants are cut to it."""
        return f"{self.prefix}-inbox-"

    @property
    def connection_secrets(self) -> str:
        """Secrets with carriers' credentials are named below it; grants are cut to it."""
        return f"{self.prefix}/connections"

    @property
    def defaults(self) -> Profile:
        """What holds where nothing was said."""
        return PROFILES[self.profile]

    @property
    def workers(self) -> tuple[int, int]:
        """At least, and at most."""
        at_least = self.defaults.min_tasks if self.min_tasks is None else self.min_tasks
        return at_least, self.defaults.max_tasks if self.max_tasks is None else self.max_tasks

    @property
    def sip_tasks(self) -> tuple[int, int]:
        """Gateways, at least, and at most."""
        at_least = self.defaults.sip_min_tasks if self.sip_min_tasks is None else self.sip_min_tasks
        return at_least, self.defaults.sip_max_tasks if self.sip_max_tasks is None else self.sip_max_tasks

    @property
    def zone_count(self) -> int:
        return self.zones or self.defaults.zones

    @property
    def nat_gateways(self) -> int:
        return min(self.zone_count, self.defaults.nat_gateways if self.nat is None else self.nat)

    @property
    def webhook_places(self) -> int:
        """Requests to one target at once: a tenth, so that one that hangs leaves nine to the others."""
        return max(2, self.webhook_concurrency // 10)

    @property
    def removal_policy(self) -> RemovalPolicy:
        return RemovalPolicy.RETAIN if self.defaults.keeps_data else RemovalPolicy.DESTROY

    @property
    def chunk_retention_days(self) -> int:
        """A recording's raw pieces: as long as its files can still be made again, never longer than the files."""
        return min(14, self.recording_retention_days)
