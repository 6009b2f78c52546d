"""One host in front of everything: CloudFront, with a certificate of its own, before streams, requests and the page.

/v1/sessions/{id}/connect → the load balancer of the media workers, by a private way
/v1/*                     → the stage of API Gateway
all else                  → the console's files
"""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from stacks.config import Config
from stacks.constructs.page import INDEX, Page

# Without a word about them CloudFront answers the next one with the same for ten seconds, whoever asks.
_KEPT_OTHERWISE = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)


class Edge(Construct):
    """Hands streams and requests on as they are, sockets and keys included, and keeps nothing but the page's files.

    `rest` is the host of API Gateway, `stage` what stands before its paths. The internal load balancer is reached
    through a VPC origin, which carries WebSockets since May 2026. What goes between the two never leaves AWS, so plain
    HTTP is enough there.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: Config,
        balancer: elb.IApplicationLoadBalancer,
        rest: str,
        stage: str,
        page: Page,
        web_acl_arn: str | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=config.prefix,
            web_acl_id=web_acl_arn,
            default_behavior=page.behavior,
            default_root_object=INDEX,
            additional_behaviors={
                "/v1/sessions/*/connect": _streams(balancer),
                "/v1/*": _requests(rest, stage),
            },
            error_responses=[
                cloudfront.ErrorResponse(http_status=status, ttl=Duration.seconds(0)) for status in _KEPT_OTHERWISE
            ],
        )
        host = self.distribution.distribution_domain_name
        self.url, self.stream_base_url = f"https://{host}", f"wss://{host}"


def _streams(balancer: elb.IApplicationLoadBalancer) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
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
    )


def _requests(rest: str, stage: str) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
        # A little longer than API Gateway itself waits for a function.
        origin=origins.HttpOrigin(
            rest,
            origin_path=f"/{stage}",
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            read_timeout=Duration.seconds(35),
        ),
        cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
        # `Authorization` is among them where nothing is kept; by `Host` API Gateway knows which API is meant.
        origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
        # Led over from http, a key would have been sent in the clear first.
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
    )
