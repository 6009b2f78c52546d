"""The console behind CloudFront: who reads its files, what goes along with them, where other addresses lead."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stacks.constructs import page
from stacks.page_headers import POLICY, page_headers
from tests.infrastructure.assembly import Assembly, Resource, text
from tests.infrastructure.page_addresses import PAGE_ADDRESSES

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"


def bucket(edge: Assembly) -> Resource:
    return edge.only("AWS::S3::Bucket", "api")


def behavior(edge: Assembly) -> dict[str, Any]:
    distribution = edge.only("AWS::CloudFront::Distribution").properties["DistributionConfig"]
    found: dict[str, Any] = distribution["DefaultCacheBehavior"]
    return found


def test_cloudfront_alone_reads_the_files_and_only_for_this_distribution(edge: Assembly) -> None:
    assert set(bucket(edge).properties["PublicAccessBlockConfiguration"].values()) == {True}
    (policy,) = (
        p for p in edge.resources("AWS::S3::BucketPolicy", "api") if p.properties["Bucket"] == {"Ref": bucket(edge).id}
    )
    (allowed,) = (s for s in policy.properties["PolicyDocument"]["Statement"] if s["Effect"] == "Allow")
    assert (allowed["Action"], allowed["Principal"]) == ("s3:GetObject", {"Service": "cloudfront.amazonaws.com"})
    (source,) = allowed["Condition"]["StringEquals"].values()
    assert text(source).endswith(f":distribution/<{edge.only('AWS::CloudFront::Distribution').id}>")
    signs = edge.only("AWS::CloudFront::OriginAccessControl").properties["OriginAccessControlConfig"]
    assert (signs["SigningBehavior"], signs["OriginAccessControlOriginType"]) == ("always", "s3")


def test_it_is_the_page_that_is_shown_over_tls_and_kept_as_its_files_say(edge: Assembly) -> None:
    config = edge.only("AWS::CloudFront::Distribution").properties["DistributionConfig"]
    assert config["DefaultRootObject"] == "index.html"
    found = behavior(edge)
    assert (found["ViewerProtocolPolicy"], found["CachePolicyId"]) == ("redirect-to-https", CACHING_OPTIMIZED)
    (origin,) = (o for o in config["Origins"] if o["Id"] == found["TargetOriginId"])
    assert text(origin["DomainName"]) == f"<{bucket(edge).id}.RegionalDomainName>"


def test_what_goes_along_is_what_the_laptop_sends_and_hsts(edge: Assembly) -> None:
    policy = edge.only("AWS::CloudFront::ResponseHeadersPolicy")
    assert behavior(edge)["ResponseHeadersPolicyId"] == {"Ref": policy.id}
    said = policy.properties["ResponseHeadersPolicyConfig"]
    security = said["SecurityHeadersConfig"]
    sent = {each["Header"]: each["Value"] for each in said["CustomHeadersConfig"]["Items"]}
    sent[POLICY] = text(security["ContentSecurityPolicy"]["ContentSecurityPolicy"])
    sent["Referrer-Policy"] = security["ReferrerPolicy"]["ReferrerPolicy"]
    sent |= {"X-Content-Type-Options": "nosniff"} if "ContentTypeOptions" in security else {}
    sources = dict(each.split(" ", 1) for each in sent[POLICY].split("; "))
    events, recordings = sources["connect-src"].removeprefix("'self' "), sources["media-src"].split()
    assert sent == page_headers(events, recordings)
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
    assert len(recordings) == 2 and all("ExportsOutputFnGetAttRecordings" in each for each in recordings)
    assert "Watchers" in events and events.endswith("/live")


@pytest.mark.parametrize(("path", "leads_to"), PAGE_ADDRESSES.items())
def test_an_address_without_a_file_leads_to_the_page(path: str, leads_to: str | None) -> None:
    code = Path(page.__file__).with_name("page_request.js").read_text(encoding="utf-8")
    event = json.dumps({"request": {"uri": path}})
    script = f"{code}\nconsole.log(JSON.stringify(handler({event})))"
    said = json.loads(subprocess.run(["node", "-e", script], check=True, capture_output=True, text=True).stdout)
    if leads_to is None:
        assert said == {"uri": path}
    else:
        assert (said["statusCode"], said["headers"]["location"]["value"]) == (302, leads_to)


def test_that_function_is_asked_for_every_file_and_for_nothing_of_the_api(edge: Assembly) -> None:
    function = edge.only("AWS::CloudFront::Function")
    (asked,) = behavior(edge)["FunctionAssociations"]
    assert asked == {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": [function.id, "FunctionARN"]}}
    config = edge.only("AWS::CloudFront::Distribution").properties["DistributionConfig"]
    assert not any("FunctionAssociations" in other for other in config["CacheBehaviors"])
    assert not any("ResponsePagePath" in each for each in config["CustomErrorResponses"])
