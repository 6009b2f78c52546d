"""CloudFront in front of the load balancer: its own name and certificate, and a private way into the network."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from stacks.config import Config


class Edge(Construct):
    """A distribution that hands every request on as it is, sockets included, and keeps nothing.

    It reaches the internal load balancer through a VPC origin, which carries WebSockets since May 2026. What goes
    between the two never leaves AWS, so plain HTTP is enough there.
    """

    def __init__(
        self, scope: Construct, construct_id: str, config: Config, balancer: elb.ApplicationLoadBalancer
    ) -> None:
        super().__init__(scope, construct_id)
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{config.prefix}: streams",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.VpcOrigin.with_application_load_balancer(
                    balancer,
                    http_port=80,
                    protocol_policy=cloudfront.OriginProtocolPolicy.HTTP_ONLY,
                    read_timeout=Duration.seconds(60),
                ),
                # A token may be in the query: it goes on, and is no part of what anything is kept under.
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER,
                allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            ),
        )
        self.stream_base_url = f"wss://{self.distribution.distribution_domain_name}"
