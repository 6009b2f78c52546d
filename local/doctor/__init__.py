"""`kallglot doctor`: what stands between this machine, this account and a deployment that works."""
