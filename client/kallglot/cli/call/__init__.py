"""What `kallglot talk` and `watch` are made of: where sound comes from, where it goes, and how a call is shown."""
