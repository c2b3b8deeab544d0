"""Groups of resctrl (linux.intelRdt), on hosts that have none: unit tests play one that has."""

import os

import pytest

import messages as m
from harness import host

pytestmark = pytest.mark.sanitize


@pytest.fixture(autouse=True)
def no_resctrl():
    if os.path.isdir("/sys/fs/resctrl") and os.listdir("/sys/fs/resctrl"):
        pytest.skip("this host has resctrl mounted")


@pytest.mark.parametrize("group", [{}, {"closID": "gold"}, {"l3CacheSchema": "L3:0=f"},
                                   {"enableMonitoring": True}])
def test_a_host_without_resctrl_refuses(bundle, group):
    bundle.configure({"linux.intelRdt": group})
    bundle.create().fails(m.said("create", bundle.id, m.NO_RESCTRL))


def test_another_file_system_in_its_place_is_not_written_to(bundle):
    """A directory that somebody mounts there must not be taken for the kernel's interface."""
    if not os.path.isdir("/sys/fs/resctrl"):
        pytest.skip("this kernel has no place for it")
    host.mount("fake", "/sys/fs/resctrl", "tmpfs")
    try:
        bundle.configure({"linux.intelRdt": {}})
        bundle.create().fails(m.said("create", bundle.id, m.NO_RESCTRL))
        assert os.listdir("/sys/fs/resctrl") == []
    finally:
        host.unmount("/sys/fs/resctrl")


@pytest.mark.parametrize("group, path, text", [
    ({"closID": "a/b"}, "linux.intelRdt.closID", "expected the name of a directory, got 'a/b'"),
    ({"memBwSchema": "L3:0=f"}, "linux.intelRdt.memBwSchema", "must start with 'MB:'"),
    ({"closID": "info"}, "linux.intelRdt.closID", "'info' is a directory of resctrl's own")])
def test_a_group_that_cannot_be_is_refused_at_its_place(bundle, group, path, text):
    bundle.configure({"linux.intelRdt": group})
    bundle.create().fails(m.config_error(bundle, "create", (path, text)))
