"""Every failure of checkov that stays, and why. One that nothing fails any more fails the check itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Accepted:
    """`where` is `<stack>/<kind>.<logical id>`, with `*` for anything."""

    check: str
    where: str
    reason: str


_OWN_KEY = (
    "Encrypted with a key that AWS keeps. Who needs a key of his own needs one for each store, and pays by request"
)

ACCEPTED = (
    Accepted("CKV_AWS_2", "media/*Listener.*", "TLS ends in front of the balancer, at an address of the operator's"),
    Accepted("CKV_AWS_103", "media/*Listener.*", "TLS ends in front of the balancer, at an address of the operator's"),
    Accepted("CKV_AWS_260", "media/*SecurityGroup.*", "Carriers and browsers come from anywhere"),
    Accepted(
        "CKV_AWS_91", "media/*LoadBalancer.*", "Access logs would keep query strings, in which stream tokens may travel"
    ),
    Accepted(
        "CKV_AWS_91",
        "sip/*LoadBalancer.*",
        "A network load balancer logs TLS connections alone, and of those no more than the gateway's own log has",
    ),
    Accepted(
        "CKV_AWS_115",
        "*/AWS::Lambda::Function.*",
        "A reserve would be taken from the account; queues limit how many run",
    ),
    Accepted(
        "CKV_AWS_116",
        "*/AWS::Lambda::Function.*",
        "Queues and streams keep what failed, and asynchronous calls have a destination",
    ),
    Accepted(
        "CKV_AWS_117",
        "*/AWS::Lambda::Function.*",
        "Outside of the VPC nothing private can be reached, whatever a URL says",
    ),
    Accepted(
        "CKV_AWS_173", "*/AWS::Lambda::Function.*", "Names and numbers; secrets are given by ARN and read at run time"
    ),
    Accepted(
        "CKV_AWS_120", "api/AWS::ApiGateway::Stage.*", "Answers are of one key; a cache would show them to others"
    ),
    Accepted(
        "CKV_AWS_59",
        "api/AWS::ApiGateway::Method.*",
        "Which routes ask for no key is held against a list by tests/infrastructure/test_api.py",
    ),
    Accepted("CKV_AWS_18", "data/AWS::S3::Bucket.RecordingsAccessLogs*", "These are the access logs"),
    Accepted(
        "CKV_AWS_21", "data/AWS::S3::Bucket.*", "A recording that was deleted must be gone, and not be an older version"
    ),
    Accepted("CKV_AWS_18", "api/AWS::S3::Bucket.Page*", "CloudFront alone reads these files, which anybody may have"),
    Accepted("CKV_AWS_21", "api/AWS::S3::Bucket.Page*", "What was published is made again from its sources"),
    Accepted(
        "CKV_AWS_27",
        "*/AWS::SQS::Queue.*",
        "Encrypted with SQS's own key, to which `queues_are_encrypted` holds them; checkov knows only keys of KMS",
    ),
    Accepted(
        "CKV_AWS_174",
        "api/AWS::CloudFront::Distribution.*",
        "With its own certificate CloudFront takes no newer TLS policy than its oldest",
    ),
    Accepted(
        "CKV_AWS_68",
        "api/AWS::CloudFront::Distribution.*",
        "Nobody pays for a firewall who did not ask for one, or for production",
    ),
    Accepted(
        "CKV_AWS_86",
        "api/AWS::CloudFront::Distribution.*",
        "Logs of this kind keep query strings, in which stream tokens may travel; those of `edge_log` do not",
    ),
    Accepted(
        "CKV_AWS_33",
        "data/AWS::KMS::Key.*",
        "Whoever may use the stores may use the key through them, and in no other way, as with AWS's own keys",
    ),
    Accepted("CKV_AWS_119", "data/AWS::DynamoDB::Table.*", _OWN_KEY),
    Accepted("CKV_AWS_149", "data/AWS::SecretsManager::Secret.*", _OWN_KEY),
    Accepted("CKV_AWS_158", "*/AWS::Logs::LogGroup.*", _OWN_KEY),
)
