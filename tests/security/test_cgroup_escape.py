"""Out of the cgroup, and at devices that its rules do not allow."""

import glob
import os

import pytest
from harness import cgroups
from harness.spec import CAPABILITIES


@pytest.mark.known_vulnerable("naive")
def test_cve_2023_25809_the_cgroup_mount_is_read_only(victim):
    """As asked for; runc did not do so in a user namespace. runc 1.1.5 has the fix."""
    name = f"{victim.bundle.id}-made"
    script = (f"for each in /sys/fs/cgroup /sys/fs/cgroup/*; do test -e $each/cgroup.procs && "
              f"mkdir $each/{name} && echo $each; done; true")
    outcome = victim.run("/bin/sh", "-c", script, changes={"root.readonly": False})
    victim.unharmed(outcome.status == 0 and outcome.stdout == "", outcome)


@pytest.mark.skipif(not glob.glob("/sys/fs/cgroup/*/release_agent"),
                    reason="no v1 hierarchy: nobody runs programs for the kernel")
@pytest.mark.known_vulnerable("naive")
def test_cve_2022_0492_no_release_agent_can_be_named(victim):
    """The kernel runs that program as the host's root. Opened only, never written."""
    script = ("for each in /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent; do "
              "test -e $each && { : >> $each; } 2>/dev/null && echo $each; done; true")
    outcome = victim.run("/bin/sh", "-c", script, changes={"root.readonly": False})
    victim.unharmed(outcome.status == 0 and outcome.stdout == "", outcome)


def in_every_hierarchy(path):
    return [point + path for point in cgroups.hierarchies()]


@pytest.mark.known_vulnerable("naive")
def test_runc_1_5_2_exec_goes_to_no_cgroup_but_one_below(victim):
    """The same in crun 1.29: a sibling whose name only begins like the container's is not below."""
    victim.running("/bin/sleep", "1000")
    sibling = f"../{victim.bundle.id}0"
    siblings = in_every_hierarchy(victim.bundle.cgroup + "0")
    for folder in siblings:
        os.mkdir(folder)
    try:
        for path in ("..", "/..", "../..", "a/../..", "./..", sibling, "/" + sibling):
            outcome = victim.exec("/bin/true", flags=["--cgroup", path])
            victim.unharmed(outcome.status != 0, outcome)
    finally:
        for folder in siblings:
            cgroups.remove(folder)


@pytest.mark.known_vulnerable("naive")
def test_runc_1_5_2_a_cgroup_path_does_not_climb(victim):
    """Who may choose the path may not be who may choose the parent."""
    own, up = victim.bundle.cgroup, f"{victim.bundle.id}-up"
    for path in (f"{own}/../../../{up}", f"{own}/a/../../../{up}", f"a/../{up}", f"{own}/.."):
        outcome = victim.run("/bin/true", changes={"linux.cgroupsPath": path})
        victim.unharmed(outcome.status != 0, outcome)


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("resources", [
    {"hugepageLimits": [{"pageSize": "../../x", "limit": 1}]},
    {"hugepageLimits": [{"pageSize": "2MB/../../x", "limit": 1}]},
    {"unified": {"../cgroup.procs": "1"}},
    {"unified": {"/cgroup.procs": "1"}},
    {"rdma": {"../x": {"hcaHandles": 1}}, "unified": {"memory.max/../cgroup.freeze": "1"}},
], ids=str)
def test_ghsa_5g49_rx9x_qfc6_no_limit_names_a_file_elsewhere(victim, resources):
    """To accept such a name is the harm: what it leads to is the kernel's affair."""
    outcome = victim.run("/bin/true", changes={
        f"linux.resources.{name}": value for name, value in resources.items()})
    victim.unharmed(outcome.status != 0, outcome)


MKNOD = CAPABILITIES + ["CAP_MKNOD"]


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("devices", [None, []], ids=["no-rules", "no-rule"])
def test_ghsa_g54h_m393_cpwq_without_rules_no_further_device_can_be_opened(victim, devices):
    """A list of what is denied is no protection; what is not allowed must be denied."""
    outcome = victim.run(
        "/bin/sh", "-c", "mknod /kmsg c 1 11; mknod /mem c 1 1; for each in kmsg mem; do "
        "{ : < /$each; } 2>/dev/null && echo opened $each; done; echo tried",
        changes={"root.readonly": False, "linux.resources": (
            {} if devices is None else {"devices": devices}), "process.capabilities": {
                "bounding": MKNOD, "effective": MKNOD, "permitted": MKNOD}})
    victim.unharmed(outcome.stdout in ("tried\n", ""), outcome)


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("updated", [False, True], ids=["as-made", "updated"])
def test_ghsa_g54h_m393_cpwq_the_rules_hold_for_exec(victim, updated):
    """And after an update of something else, which makes them anew."""
    victim.running("/bin/sleep", "1000", changes={
        "root.readonly": False, "process.capabilities": {
            "bounding": MKNOD, "effective": MKNOD, "permitted": MKNOD}})
    if updated:
        victim.bundle.call("update", "--cpu-share", "512", victim.bundle.id).ok()
    outcome = victim.exec("/bin/sh", "-c", "mknod /kmsg c 1 11; { : < /kmsg; } && echo opened")
    victim.unharmed("opened" not in outcome.stdout, outcome)
