"""The console's files: a bucket that nobody but CloudFront reads, and how CloudFront shows it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.config import Config
from stacks.page_headers import POLICY

INDEX = "index.html"
_REQUEST = Path(__file__).with_name("page_request.js")


class Page(Construct):
    """Empty until `make publish` fills it: nothing of ours runs while deploying. `headers` are `page_headers`."""

    def __init__(self, scope: Construct, construct_id: str, config: Config, headers: Mapping[str, str]) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Files",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=config.removal_policy,
        )
        self.behavior = cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(self.bucket),
            # Goes by what the files themselves say, and compresses them.
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=self._headers(config, headers),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            function_associations=[
                cloudfront.FunctionAssociation(
                    event_type=cloudfront.FunctionEventType.VIEWER_REQUEST, function=self._function(config)
                )
            ],
        )

    def _headers(self, config: Config, headers: Mapping[str, str]) -> cloudfront.ResponseHeadersPolicy:
        said = dict(headers)
        return cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            response_headers_policy_name=f"{config.prefix}-page",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=said.pop(POLICY), override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                # Only here: a local stack has no TLS to insist on.
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(365), override=True
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
                    for name, value in said.items()
                    if name not in ("Referrer-Policy", "X-Content-Type-Options")
                ]
            ),
        )

    def _function(self, config: Config) -> cloudfront.Function:
        return cloudfront.Function(
            self,
            "Request",
            function_name=f"{config.prefix}-page-request",
            comment="Leads to the page whoever asks for what is no file of it",
            code=cloudfront.FunctionCode.from_inline(_REQUEST.read_text(encoding="utf-8")),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
