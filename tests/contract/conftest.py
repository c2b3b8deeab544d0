"""The harness of the integration tests, and what engines do with the runtime (engine.py)."""

import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "integration"))

from harness.fixtures import *  # noqa: E402, F403

from engine import Subreaper  # noqa: E402


@pytest.fixture
def subreaper(bundle):
    """subreaper(argv, pid_file, ...): see engine.Subreaper; ended with the test."""
    started = []

    def start(argv, pid_file, **options):
        started.append(Subreaper(argv, pid_file, **options))
        return started[-1]
    yield start
    for each in started:
        each.close()
