"""Where clients reach a deployment: at names of its own, at what AWS calls its parts, or at one host before them."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import CfnOutput
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from stacks import gateway
from stacks.config import Config
from stacks.constructs.edge import Edge
from stacks.constructs.page import Page
from stacks.data import DataStack
from stacks.media import MediaStack
from stacks.page_headers import page_headers

DISTRIBUTION_OUTPUT = "DistributionId"


@dataclass(frozen=True)
class Addresses:
    """Without a slash at the end: `public_url` of the REST API before `/v1`, `stream_base_url` of sockets."""

    public_url: str
    stream_base_url: str


def addresses(
    scope: Construct,
    config: Config,
    api: apigateway.RestApi,
    media: MediaStack,
    data: DataStack,
    events_url: str,
    web_acl_arn: str | None,
) -> Addresses:
    """Makes the edge where one is wanted. It belongs to the stack of the API, whose functions are told its name and
    whose address it must know. `web_acl_arn`: the firewall's rules, for the edge alone."""
    host = gateway.host(api)
    if not config.edge:
        return Addresses(
            config.api_origin or f"https://{host}/{gateway.STAGE}",
            media.stream_base_url,
        )
    recordings = (data.recordings.bucket_regional_domain_name, data.recordings.bucket_domain_name)
    page = Page(scope, "Page", config, page_headers(events_url, [f"https://{name}" for name in recordings]))
    edge = Edge(scope, "Edge", config, media.balancer, host, gateway.STAGE, page, web_acl_arn)
    told = {
        "ConsoleUrl": f"{edge.url}/",
        "ConsoleBucket": page.bucket.bucket_name,
        "StreamUrl": edge.stream_base_url,
        DISTRIBUTION_OUTPUT: edge.distribution.distribution_id,
    }
    for name, value in told.items():
        CfnOutput(scope, name + "Output", value=value).override_logical_id(name)
    return Addresses(edge.url, edge.stream_base_url)
