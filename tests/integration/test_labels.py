"""Security labels on a host without the security module; where there is one: tests/vm."""

import os

import pytest

import messages as m

APPARMOR = os.path.exists("/sys/module/apparmor/parameters/enabled")
SELINUX = os.path.exists("/sys/fs/selinux/enforce")


@pytest.mark.skipif(APPARMOR, reason="this host runs AppArmor")
@pytest.mark.parametrize("profile", ["docker-default", "unconfined"])
def test_a_profile_needs_apparmor(bundle, profile):
    """A container must never be less confined than its configuration says."""
    bundle.configure({"process.apparmorProfile": profile})
    bundle.run().fails(m.said("run", bundle.id, m.NO_MODULE.format(
        member="process.apparmorProfile", module="AppArmor")))


@pytest.mark.skipif(SELINUX, reason="this host runs SELinux")
@pytest.mark.parametrize("member", ["process.selinuxLabel", "linux.mountLabel"])
def test_a_label_needs_selinux(bundle, member):
    bundle.configure({member: "system_u:object_r:container_file_t:s0"})
    bundle.run().fails(m.said("run", bundle.id, m.NO_MODULE.format(
        member=member, module="SELinux")))


@pytest.mark.skipif(APPARMOR or SELINUX, reason="this host runs a security module")
@pytest.mark.parametrize("flag, member, module", [
    ("--apparmor", "process.apparmorProfile", "AppArmor"),
    ("--process-label", "process.selinuxLabel", "SELinux")])
def test_exec_refuses_a_label_that_nobody_would_heed(bundle, flag, member, module):
    bundle.running()
    bundle.call("exec", flag, "x", bundle.id, "true").fails(
        m.said("exec", bundle.id, m.NO_MODULE.format(member=member, module=module)), 255)
