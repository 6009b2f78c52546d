"""The world behind the ports: the only place that knows boto3. Foreign errors end in `aws_errors`."""
