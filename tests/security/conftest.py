"""The harness of the integration tests, and the runtimes that a scenario is played to."""

import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "integration"))

from harness import fixtures, leaks  # noqa: E402
from harness.fixtures import *  # noqa: E402, F403

import victims  # noqa: E402


def pytest_configure(config):
    fixtures.pytest_configure(config)
    config.addinivalue_line("markers", "known_vulnerable(name...): other runtimes that the "
                            "scenario must harm, to show that it can (victims.py)")


def pytest_generate_tests(metafunc):
    fixtures.pytest_generate_tests(metafunc)
    if "victim" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("known_vulnerable")
        metafunc.parametrize("victim", ["brig", *(marker.args if marker else ())], indirect=True)


@pytest.fixture
def victim(request, made):
    """A bundle and the runtime that is attacked. What others than brig leave behind is removed."""
    program = victims.program_of(request.param)
    before = leaks.Snapshot()
    victim = victims.Victim(request.param, program)
    if request.param == "brig":
        made += victim.bundles  # the same list from here on, so that bundles added later count
        victim.bundles = made
        yield victim
        return
    yield victim
    for bundle in victim.bundles:
        bundle.close()
    before.clean(victim.bundles)
    for bundle in victim.bundles:
        leaks.remove_tree(bundle.path)


@pytest.hookimpl(hookwrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    """With another runtime than brig, only harm is success."""
    outcome = yield
    victim = pyfuncitem.funcargs.get("victim")
    if victim is None or victim.name == "brig":
        return
    if outcome.excinfo is None:
        pytest.fail(f"{victim.name} was not harmed: does this test see anything?", pytrace=False)
    if issubclass(outcome.excinfo[0], victims.Harmed):
        outcome.force_result(True)
