"""Names of one's own: a certificate for all of them, and where they lead."""

from __future__ import annotations

from typing import cast

from aws_cdk import Duration, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from constructs import Construct

from stacks.config import Config

_SERVED_FOR = Duration.minutes(5)


class NamesStack(Stack):
    """Its certificate is valid once ACM has found its records in the zone, for which the deployment waits."""

    def __init__(self, scope: Construct, construct_id: str, config: Config) -> None:
        super().__init__(scope, construct_id, description="Kallglot: certificate of its names")
        assert config.domain and config.hosted_zone
        self._zone_id, self._domain = config.hosted_zone, config.domain
        self.certificate = acm.Certificate(
            self,
            "Certificate",
            domain_name=config.named("api"),
            subject_alternative_names=[config.named("stream"), config.named("events")],
            validation=acm.CertificateValidation.from_dns(self.zone(self)),
        )

    def lead(self, stack: Stack, name: str, target: route53.IAliasRecordTarget) -> None:
        """A record of `stack`, so that it comes and goes with what it leads to."""
        route53.ARecord(
            stack,
            "Name",
            zone=self.zone(stack),
            record_name=name,
            target=route53.RecordTarget.from_alias(target),
            comment="Kallglot",
        )

    def serve(self, stack: Stack, service: str, name: str, port: int, priority: int) -> None:
        """Where `name` serves `service`, as in `_sip._udp`; of several the lowest priority is asked first."""
        route53.SrvRecord(
            stack,
            f"Served{service}",
            zone=self.zone(stack),
            record_name=f"{service}.{name}",
            values=[route53.SrvRecordValue(host_name=name, port=port, priority=priority, weight=10)],
            ttl=_SERVED_FOR,
            comment="Kallglot",
        )

    def zone(self, stack: Stack) -> route53.IHostedZone:
        """Nothing is looked up: a synthesis asks nobody."""
        made = stack.node.try_find_child("Zone")
        if made is not None:
            return cast(route53.IHostedZone, made)
        return route53.PublicHostedZone.from_public_hosted_zone_attributes(
            stack, "Zone", hosted_zone_id=self._zone_id, zone_name=self._domain
        )
