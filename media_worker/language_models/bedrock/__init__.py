"""Models of Amazon Bedrock, by its Converse stream."""
