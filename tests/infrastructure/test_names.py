"""Names of one's own, and what stands in front of them."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from stacks.config import Config
from tests.infrastructure.assembly import IMAGE, ZONE, Assembly, strings, synthesize, text

NAMES = ["api.calls.example.org", "events.calls.example.org", "stream.calls.example.org"]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    config = Config(image=IMAGE, domain="calls.example.org", hosted_zone=ZONE, firewall=True)
    return synthesize(tmp_path_factory.mktemp("cdk.out"), config)


def test_one_certificate_is_for_all_names_and_proves_itself_in_the_zone(named: Assembly) -> None:
    certificate = named.only("AWS::CertificateManager::Certificate").properties
    assert sorted([certificate["DomainName"], *certificate["SubjectAlternativeNames"]]) == NAMES
    assert certificate["ValidationMethod"] == "DNS"
    assert {each["HostedZoneId"] for each in certificate["DomainValidationOptions"]} == {ZONE}


def test_every_name_leads_somewhere_and_is_made_with_what_it_leads_to(named: Assembly) -> None:
    records = named.resources("AWS::Route53::RecordSet")
    assert sorted(record.properties["Name"] for record in records) == [f"{name}." for name in NAMES]
    assert {record.properties["HostedZoneId"] for record in records} == {ZONE}
    assert {record.stack for record in records} == {"api", "events", "media"}
    assert all("AliasTarget" in record.properties for record in records)


def test_clients_are_told_the_names(named: Assembly) -> None:
    told = [template.get("Outputs", {}) for template in named.templates.values()]
    outputs = {name: made["Value"] for each in told for name, made in each.items()}
    assert outputs["ApiUrl"] == "https://api.calls.example.org/v1"
    assert outputs["StreamUrl"] == "wss://stream.calls.example.org"
    assert outputs["EventsUrl"] == "wss://events.calls.example.org"
    environment = named.function("rest.app").properties["Environment"]["Variables"]
    assert environment["STREAM_BASE_URL"] == "wss://stream.calls.example.org"
    assert environment["DOCS_URL"] == "https://api.calls.example.org/v1/docs"


def test_nothing_is_served_in_the_clear_or_with_old_tls(named: Assembly) -> None:
    (listener,) = named.resources("AWS::ElasticLoadBalancingV2::Listener")
    assert (listener.properties["Port"], listener.properties["Protocol"]) == (443, "HTTPS")
    assert named.only("AWS::ApiGateway::DomainName").properties["SecurityPolicy"] == "TLS_1_2"
    (configuration,) = named.only("AWS::ApiGatewayV2::DomainName").properties["DomainNameConfigurations"]
    assert configuration["SecurityPolicy"] == "TLS_1_2"


def test_a_cell_has_names_of_its_own() -> None:
    config = Config(cell="c1", domain="calls.example.org", hosted_zone=ZONE)
    assert (config.stream_origin, config.api_origin) == (
        "wss://stream-c1.calls.example.org",
        "https://api-c1.calls.example.org",
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"domain": "calls.example.org"}, "go together"),
        ({"hosted_zone": ZONE}, "go together"),
        ({"domain": "calls.example.org", "hosted_zone": ZONE, "edge": "true"}, "leave out edge"),
        ({"domain": "calls.example.org", "hosted_zone": ZONE, "api_base_url": "https://a.example"}, "leave out edge"),
        ({"domain": "https://calls.example.org", "hosted_zone": ZONE}, "domain"),
        ({"domain": "calls.example.org", "hosted_zone": "calls.example.org"}, "hosted_zone"),
        ({"firewall_rate": "10"}, "firewall_rate"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Config.model_validate(given)


def test_a_firewall_stands_before_requests_and_streams(
    named: Assembly, deployment: Assembly, production: Assembly
) -> None:
    covered = {text(a.properties["ResourceArn"]) for a in named.resources("AWS::WAFv2::WebACLAssociation")}
    assert len(covered) == 2 and any("restapis" in arn for arn in covered)
    assert len(production.resources("AWS::WAFv2::WebACL")) == 2
    assert deployment.resources("AWS::WAFv2::WebACL") == []


def test_it_shuts_out_who_asks_far_too_often_and_counts_every_rule(named: Assembly) -> None:
    for rules in named.resources("AWS::WAFv2::WebACL"):
        assert rules.properties["DefaultAction"] == {"Allow": {}}
        *managed, rate = rules.properties["Rules"]
        assert {rule["Statement"]["ManagedRuleGroupStatement"]["VendorName"] for rule in managed} == {"AWS"}
        assert rate["Action"] == {"Block": {}} and rate["Statement"]["RateBasedStatement"]["Limit"] == 10_000
        assert all(not rule["VisibilityConfig"]["SampledRequestsEnabled"] for rule in rules.properties["Rules"])


def test_its_log_holds_what_was_refused_and_neither_keys_nor_tokens(named: Assembly) -> None:
    for log in named.resources("AWS::WAFv2::LoggingConfiguration"):
        hidden = json.dumps(log.properties["RedactedFields"])
        assert all(each in hidden for each in ("authorization", "x-api-key", "QueryString"))
        assert set(strings(log.properties["LoggingFilter"])) == {"DROP", "KEEP", "MEETS_ANY", "BLOCK"}
    groups = [g.properties.get("LogGroupName", "") for g in named.resources("AWS::Logs::LogGroup")]
    assert sum(str(name).startswith("aws-waf-logs-") for name in groups) == 2
