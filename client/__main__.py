"""`python -m client`: the `kallglot` command, from a checkout of this repository."""

from kallglot.cli import run

run()
