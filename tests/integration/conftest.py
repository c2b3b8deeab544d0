"""Everything is in harness/fixtures.py, which the tests in ../security share."""

from harness.fixtures import *  # noqa: F403
