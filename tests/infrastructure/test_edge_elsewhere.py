"""What the edge has in us-east-1, wherever the deployment is: its firewall and its access log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stacks.config import Config
from tests.infrastructure.assembly import IMAGE, Assembly, strings, synthesize, text

WHOLE = {"image": IMAGE, "edge": True, "edge_log": True}


def stacks(edge: Assembly) -> dict[str, dict[str, Any]]:
    """As the CDK will deploy them, by their names without the prefix."""
    artifacts = json.loads((edge.folder / "manifest.json").read_text())["artifacts"]
    prefix = f"{edge.config.prefix}-"
    return {
        name.removeprefix(prefix): each
        for name, each in artifacts.items()
        if each["type"] == "aws:cloudformation:stack"
    }


def test_both_are_made_where_cloudfront_takes_them_and_the_rest_anywhere(edge: Assembly) -> None:
    regions = {name: each["environment"].rpartition("/")[2] for name, each in stacks(edge).items()}
    assert {name for name, region in regions.items() if region == "us-east-1"} == {"shield", "edge-log"}
    assert {region for name, region in regions.items() if name not in ("shield", "edge-log")} == {"unknown-region"}


def test_the_rules_come_before_the_edge_which_reads_their_name_across_regions(edge: Assembly) -> None:
    config = edge.only("AWS::CloudFront::Distribution").properties["DistributionConfig"]
    stack, output = f"{edge.config.prefix}-shield", "WebAclArn"
    assert config["WebACLId"] == {
        "Fn::GetStackOutput": {"StackName": stack, "OutputName": output, "Region": "us-east-1"}
    }
    rules = edge.only("AWS::WAFv2::WebACL")
    assert (rules.stack, rules.properties["Scope"]) == ("shield", "CLOUDFRONT")
    assert edge.templates["shield"]["Outputs"][output]["Value"] == {"Fn::GetAtt": [rules.id, "Arn"]}
    assert stack in stacks(edge)["api"]["dependencies"]


def test_behind_the_edge_no_firewall_takes_every_caller_for_cloudfront(edge: Assembly) -> None:
    assert not edge.resources("AWS::WAFv2::WebACLAssociation")


def test_what_is_refused_there_is_logged_without_keys_and_tokens(edge: Assembly) -> None:
    hidden = json.dumps(edge.only("AWS::WAFv2::LoggingConfiguration").properties["RedactedFields"])
    assert all(each in hidden for each in ("authorization", "x-api-key", "cookie", "QueryString"))


def test_its_access_log_names_neither_queries_nor_cookies_nor_where_somebody_came_from(edge: Assembly) -> None:
    fields = set(edge.only("AWS::Logs::Delivery").properties["RecordFields"])
    assert fields >= {"date", "time", "c-ip", "cs-method", "cs-uri-stem", "sc-status", "time-taken"}
    assert not {field for field in fields if "query" in field or "cookie" in field.lower() or "Referer" in field}
    # Of the older kind, which keeps them, there is none.
    assert "Logging" not in edge.only("AWS::CloudFront::Distribution").properties["DistributionConfig"]


def test_it_is_of_this_distribution_and_comes_after_it(edge: Assembly) -> None:
    source = edge.only("AWS::Logs::DeliverySource")
    *_, last = strings(edge.templates["api"]["Outputs"]["DistributionId"])
    assert last == edge.only("AWS::CloudFront::Distribution").id
    _, (*_, read) = source.properties["ResourceArn"]["Fn::Join"]
    wanted = {"StackName": f"{edge.config.prefix}-api", "OutputName": "DistributionId", "Region": "eu-central-1"}
    assert read == {"Fn::GetStackOutput": wanted}
    assert f"{edge.config.prefix}-api" in stacks(edge)["edge-log"]["dependencies"]


def test_only_the_accounts_own_logs_may_be_written_there(edge: Assembly) -> None:
    policy = json.loads(text(edge.only("AWS::Logs::ResourcePolicy").properties["PolicyDocument"]))
    (statement,) = policy["Statement"]
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "<AWS::AccountId>"}


def test_the_log_takes_to_be_told_the_region_of_the_deployment(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(ValueError, match="edge_log=true needs region="):
        synthesize(tmp_path_factory.mktemp("cdk.out"), Config.model_validate(WHOLE))


def test_production_has_both_and_a_trial_neither() -> None:
    trial, production = (Config(edge=True, profile=profile) for profile in ("dev", "prod"))
    assert (trial.has_edge_log, trial.has_firewall) == (False, False)
    assert (production.has_edge_log, production.has_firewall) == (True, True)
    assert not Config(profile="prod").has_edge_log
