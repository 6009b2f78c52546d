"""What of a deployment is for telephone systems that call by SIP. Part of `stacks.config`."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field, model_validator

_HOST = r"^[a-z0-9{}]([a-z0-9{}.-]{0,250}[a-z0-9}])?(:\d{1,5})?$"


class SipSettings(BaseModel):
    """Off by default: it is a load balancer and a task that run day and night."""

    sip: bool = False
    # What telephone systems dial behind the @: a name that the operator leads to the load balancer; without one, the
    # balancer's own. {cell} is filled in. With a port only where 5060 is not the one, as on a laptop.
    sip_host: str | None = Field(default=None, pattern=_HOST)
    # Of ACM, for that host: the load balancer then also speaks TLS, at 5061.
    sip_certificate: str | None = Field(
        default=None, pattern=r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]+$"
    )
    # Gateways, as many as their processors ask for, between the two. The same number twice is not scaled.
    sip_min_tasks: int | None = Field(default=None, ge=1)
    sip_max_tasks: int | None = Field(default=None, ge=1)
    # Calls that a gateway takes on before it answers 503; each takes two of its 1,024 ports.
    sip_max_calls: int = Field(default=100, ge=1, le=500)

    @model_validator(mode="after")
    def _only_with_sip(self) -> Self:
        given = sorted(self.model_fields_set & set(SipSettings.model_fields) - {"sip"})
        if given and not self.sip:
            raise ValueError(f"{given[0]} is for calls by SIP, and there are none without sip=true")
        return self

    @model_validator(mode="after")
    def _a_certificate_is_for_a_host(self) -> Self:
        if self.sip_certificate and not self.sip_host:
            raise ValueError("sip_certificate=… needs sip_host=<its host>, which telephone systems are told to call")
        return self
