"""Synthesizes the deployment: reads CDK context, calls nothing."""

import aws_cdk as cdk

from stacks.config import Config
from stacks.deployment import Deployment

app = cdk.App(analytics_reporting=False)
Deployment(app, Config.from_context(app.node))
app.synth()
