"""Where telephone systems find the SIP gateways: one address for UDP, TCP and TLS, by which calls come in.

Only what begins a call comes by here. Its sound, and whatever follows in the same call, goes to the task that took it.
"""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from stacks.config import Config
from stacks.constructs.sip_service import CONTAINER, HEALTH_PORT, SIP_PORT, SIP_TLS_PORT, SipService

TLS_PORT = 5061


class SipBalancer(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: Config,
        vpc: ec2.IVpc,
        gateways: SipService,
        certificate: acm.ICertificate | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._vpc, self._gateways = vpc, gateways
        self._group = ec2.SecurityGroup(
            self, "Group", vpc=vpc, description="Load balancer of SIP", allow_all_outbound=False
        )
        self._let_in(bool(certificate))
        self.balancer = elb.NetworkLoadBalancer(
            self,
            "Balancer",
            vpc=vpc,
            internet_facing=True,
            vpc_subnets=ec2.SubnetSelection(subnets=vpc.public_subnets),
            security_groups=[self._group],
            # One gateway answers at the addresses of all zones.
            cross_zone_enabled=True,
            deletion_protection=config.defaults.keeps_data,
        )
        self.target = self._target("Plain", SIP_PORT, elb.Protocol.TCP_UDP)
        # A port has one listener, so that this is one for both.
        self.balancer.add_listener(
            "Sip", port=SIP_PORT, protocol=elb.Protocol.TCP_UDP, default_target_groups=[self.target]
        )
        if certificate is not None:
            self._speak_tls(certificate)

    def _let_in(self, tls: bool) -> None:
        anybody = ec2.Peer.any_ipv4()
        for port in (ec2.Port.udp(SIP_PORT), ec2.Port.tcp(SIP_PORT), *((ec2.Port.tcp(TLS_PORT),) if tls else ())):
            self._group.add_ingress_rule(anybody, port, "Telephone systems")
        self._lead(ec2.Port.udp(SIP_PORT), "Signalling")
        self._lead(ec2.Port.tcp(SIP_PORT), "Signalling")
        self._lead(ec2.Port.tcp(HEALTH_PORT), "Health")
        self._gateways.security_group.add_ingress_rule(self._group, ec2.Port.tcp(HEALTH_PORT), "Health")
        if tls:
            self._lead(ec2.Port.tcp(SIP_TLS_PORT), "Signalling that came by TLS")
            self._gateways.security_group.add_ingress_rule(
                self._group, ec2.Port.tcp(SIP_TLS_PORT), "Signalling that came by TLS"
            )

    def _lead(self, port: ec2.Port, what: str) -> None:
        self._group.add_egress_rule(self._gateways.security_group, port, what)

    def _speak_tls(self, certificate: acm.ICertificate) -> None:
        self.balancer.add_listener(
            "Sips",
            port=TLS_PORT,
            protocol=elb.Protocol.TLS,
            certificates=[elb.ListenerCertificate.from_certificate_manager(certificate)],
            ssl_policy=elb.SslPolicy.RECOMMENDED_TLS,
            default_target_groups=[self._target("Secure", SIP_TLS_PORT, elb.Protocol.TCP)],
        )

    def _target(self, name: str, port: int, protocol: elb.Protocol) -> elb.NetworkTargetGroup:
        spoken = ecs.Protocol.TCP if protocol == elb.Protocol.TCP else ecs.Protocol.UDP
        return elb.NetworkTargetGroup(
            self,
            name,
            vpc=self._vpc,
            port=port,
            protocol=protocol,
            target_type=elb.TargetType.IP,
            targets=[
                self._gateways.service.load_balancer_target(
                    container_name=CONTAINER, container_port=port, protocol=spoken
                )
            ],
            # Who calls is known by the address that the call comes from. With UDP there is no other way.
            preserve_client_ip=True,
            # A task that is stopped has no calls left; this is for what was just going to begin one.
            deregistration_delay=Duration.seconds(30),
            # Alive, never "full": a task that fails this check is killed with the calls that it holds.
            health_check=elb.HealthCheck(
                protocol=elb.Protocol.HTTP,
                port=str(HEALTH_PORT),
                path="/healthz",
                interval=Duration.seconds(10),
                timeout=Duration.seconds(5),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )
