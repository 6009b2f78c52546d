"""AWS WAF in front of what the internet reaches: addresses of bad repute, known attacks, and who asks far too often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from stacks.config import Config

# The common rule set is not among them: it refuses clients without a User-Agent, as carriers' sockets are, and bodies
# over 8 kB, as a session with a glossary is.
_MANAGED = ("AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet")
# Where keys and tokens travel.
_SECRET_HEADERS = ("authorization", "x-api-key", "cookie")


class Firewall(Construct):
    """`covers` are ARNs, by name; a distribution names its rules itself.

    What is refused is logged, without keys, tokens and queries.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: Config,
        covers: Mapping[str, str],
        scope_of_rules: Literal["REGIONAL", "CLOUDFRONT"] = "REGIONAL",
    ) -> None:
        super().__init__(scope, construct_id)
        name = f"{config.prefix}-{construct_id.lower()}"
        self.rules = waf.CfnWebACL(
            self,
            "Rules",
            name=name,
            scope=scope_of_rules,
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_seen(name),
            rules=[*(_managed(rules, place) for place, rules in enumerate(_MANAGED)), _rate(config, len(_MANAGED))],
        )
        for what, arn in covers.items():
            waf.CfnWebACLAssociation(self, what, resource_arn=arn, web_acl_arn=self.rules.attr_arn)
        self._log(config)

    def _log(self, config: Config) -> None:
        group = logs.LogGroup(
            self,
            "Refused",
            # WAF writes to no group that is called otherwise.
            log_group_name=f"aws-waf-logs-{self.rules.name}",
            retention=config.defaults.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        arn = Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=group.log_group_name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        waf.CfnLoggingConfiguration(
            self,
            "Log",
            resource_arn=self.rules.attr_arn,
            log_destination_configs=[arn],
            redacted_fields=[
                *({"singleHeader": {"Name": header}} for header in _SECRET_HEADERS),
                {"queryString": {}},
            ],
            logging_filter={
                "DefaultBehavior": "DROP",
                "Filters": [
                    {
                        "Behavior": "KEEP",
                        "Requirement": "MEETS_ANY",
                        "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}],
                    }
                ],
            },
        ).node.add_dependency(group)


def _managed(rules: str, place: int) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name=rules,
        priority=place,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=waf.CfnWebACL.StatementProperty(
            managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(name=rules, vendor_name="AWS")
        ),
        visibility_config=_seen(rules),
    )


def _rate(config: Config, place: int) -> waf.CfnWebACL.RuleProperty:
    """Of one address in five minutes; an API key has limits of its own, far below."""
    return waf.CfnWebACL.RuleProperty(
        name="TooOften",
        priority=place,
        action=waf.CfnWebACL.RuleActionProperty(block={}),
        statement=waf.CfnWebACL.StatementProperty(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=config.firewall_rate, evaluation_window_sec=300
            )
        ),
        visibility_config=_seen("TooOften"),
    )


def _seen(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    """Counted, and no sample kept: a sample shows headers as they came."""
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
