"""Control groups: where the container is put, which limits hold, and that nothing remains."""

import json
import os

import pytest

from harness import cgroups, host, processes
from harness.spec import mount, shell

pytestmark = pytest.mark.cgroup2

HYBRID = pytest.mark.skipif(not cgroups.mount_point("memory"), reason="no v1 hierarchies here")
MIB = 1 << 20


def under_v1():
    return {name for names in cgroups.hierarchies().values() for name in names if name}


# ---- the place ----------------------------------------------------------------------------------

@pytest.mark.both_cgroup_hosts
def test_the_process_is_in_the_cgroup_of_the_config(bundle):
    bundle.configure()
    bundle.create().ok()
    paths = cgroups.of_process(bundle.pid)
    names = under_v1() if bundle.runtime.mounts_of is None else set()
    for name in names or {""}:
        assert paths[name] == bundle.cgroup
    bundle.start().ok()
    bundle.end()
    bundle.delete().ok()
    assert bundle.cgroup_directories() == []


@pytest.mark.both_cgroup_hosts
def test_nobody_but_the_container_is_in_its_cgroup(bundle):
    bundle.configure()
    bundle.create().ok()
    members = {pid for folder in bundle.cgroup_directories() for pid in cgroups.members(folder)}
    assert members == {bundle.pid}


def test_parents_that_are_missing_are_made_and_usable(bundle):
    """A v1 cpuset is made without CPUs; every level needs its parent's before a task may enter."""
    path = f"{host.CGROUP_PARENT}/bt-{host.SESSION}-parents/deep/er"
    bundle.configure({"linux.cgroupsPath": path})
    bundle.create().ok()
    assert set(cgroups.of_process(bundle.pid).values()) >= {path}
    bundle.delete().ok()
    assert cgroups.existing(path) == []
    for folder in cgroups.existing(os.path.dirname(os.path.dirname(path))):
        cgroups.remove(folder)


@pytest.mark.both_cgroup_hosts
def test_the_default_path_is_made_of_the_id(bundle):
    """The one test without a path of its own, but for the newcomer's and the damaged states."""
    bundle.configure({"linux.cgroupsPath": ""})
    bundle.create().ok()
    assert f"/brig/{bundle.id}" in cgroups.of_process(bundle.pid).values()
    bundle.delete().ok()
    assert cgroups.existing(f"/brig/{bundle.id}") == []


def test_a_colon_in_the_path_is_taken_literally(bundle):
    """BuildKit in dockerd passes systemd's form to a runtime without --systemd-cgroup."""
    path = f"{host.CGROUP_PARENT}/bt-{host.SESSION}-system.slice:docker:{bundle.id}"
    bundle.configure({"linux.cgroupsPath": path})
    bundle.create().ok()
    assert path in cgroups.of_process(bundle.pid).values()


@pytest.mark.both_cgroup_hosts
def test_children_of_the_containers_cgroup_are_removed_with_it(bundle):
    bundle.running()
    for folder in bundle.cgroup_directories():
        os.makedirs(folder + "/sub/below")
    bundle.delete("--force").ok("")
    assert bundle.cgroup_directories() == []


def test_a_cgroup_that_is_in_use_is_refused(bundle, sleeper):
    name = "pids" if cgroups.mount_point("pids") else ""
    home, folder = (cgroups.directory(name, path)
                    for path in (cgroups.of_process("self")[name], bundle.cgroup))
    os.mkdir(folder)
    with open(f"{folder}/cgroup.procs", "w") as file:
        file.write(str(sleeper))
    bundle.configure()
    outcome = bundle.create().exits(1)
    assert bundle.cgroup in outcome.stderr
    assert processes.is_alive(sleeper)
    with open(f"{home}/cgroup.procs", "w") as file:
        file.write(str(sleeper))
    os.rmdir(folder)


def test_disabled_cgroups_leave_the_process_where_it_is(bundle):
    bundle.configure({"process.args": ["/probe"], "linux.cgroupsPath": ""})
    outcome = bundle.call("--cgroup-manager", "disabled", "run", "--bundle", bundle.path, bundle.id)
    assert bundle.id not in json.loads(outcome.ok().stdout)["cgroup"]


# ---- limits -------------------------------------------------------------------------------------

LIMITS = [  # the resource, controller, file, what it must hold
    ({"memory": {"limit": 64 * MIB}}, "memory", "memory.limit_in_bytes", str(64 * MIB)),
    ({"memory": {"limit": 64 * MIB, "reservation": 32 * MIB}}, "memory",
     "memory.soft_limit_in_bytes", str(32 * MIB)),
    ({"memory": {"limit": 64 * MIB, "swap": 96 * MIB}}, "memory", "memory.memsw.limit_in_bytes",
     str(96 * MIB)),
    ({"memory": {"limit": 64 * MIB, "swappiness": 7}}, "memory", "memory.swappiness", "7"),
    ({"cpu": {"shares": 333}}, "cpu", "cpu.shares", "333"),
    ({"cpu": {"quota": 50000, "period": 200000}}, "cpu", "cpu.cfs_quota_us", "50000"),
    ({"cpu": {"quota": 50000, "period": 200000}}, "cpu", "cpu.cfs_period_us", "200000"),
    ({"cpu": {"quota": 50000, "period": 100000, "burst": 20000}}, "cpu", "cpu.cfs_burst_us",
     "20000"),
    ({"cpu": {"quota": -1}}, "cpu", "cpu.cfs_quota_us", "-1"),
    ({"cpu": {"idle": 1}}, "cpu", "cpu.idle", "1"),
    ({"cpu": {"cpus": "0", "mems": "0"}}, "cpuset", "cpuset.cpus", "0"),
    ({"pids": {"limit": 77}}, "pids", "pids.max", "77"),
    ({"pids": {"limit": -1}}, "pids", "pids.max", "max"),
]


@HYBRID
@pytest.mark.parametrize("resource, controller, name, value", LIMITS,
                         ids=[f"{name}={value}" for _, _, name, value in LIMITS])
def test_a_limit_is_written(bundle, resource, controller, name, value):
    for key in resource:
        bundle.configure({f"linux.resources.{key}": resource[key]})
    bundle.create().ok()
    if not os.path.exists(os.path.join(cgroups.directory(controller, bundle.cgroup), name)):
        pytest.skip(f"this kernel has no {name}")
    assert cgroups.read(controller, bundle.cgroup, name) == value


@HYBRID
def test_the_memory_limit_holds(bundle):
    bundle.configure({**shell("head -c 60m /dev/zero > /tmp/fill; echo status $?"),
                      "mounts+": [mount("/tmp", "tmpfs", "tmpfs")],
                      "linux.resources.memory": {"limit": 16 * MIB, "swap": 16 * MIB}})
    assert "status 0" not in bundle.run().stdout


@HYBRID
def test_the_pids_limit_holds(bundle):
    bundle.configure({**shell("for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; echo all"),
                      "linux.resources.pids": {"limit": 5}})
    outcome = bundle.run()
    assert "all" not in outcome.stdout and "fork" in outcome.stderr, str(outcome)


def test_a_limit_of_a_controller_that_is_missing_is_an_error(bundle):
    with open("/proc/cgroups") as known:
        if any(line.startswith("rdma\t") for line in known):
            pytest.skip("this kernel has the rdma controller")
    bundle.configure({"linux.resources.rdma": {"mlx5_0": {"hcaHandles": 3}}})
    outcome = bundle.create().exits(1)
    assert "linux.resources.rdma" in outcome.stderr, str(outcome)


@HYBRID
def test_a_value_the_kernel_refuses_is_named_with_its_file(bundle):
    bundle.configure({"linux.resources.cpu": {"cpus": "4000", "mems": "0"}})
    outcome = bundle.create().exits(1)
    assert "cpuset.cpus" in outcome.stderr and "4000" in outcome.stderr, str(outcome)


@pytest.mark.parametrize("cgroup_view", ["pure-v2"], indirect=True)
def test_a_limit_without_its_v2_controller_is_an_error(bundle):
    if "pids" in cgroups.v2_controllers():
        pytest.skip("this host has v2 controllers")
    bundle.configure({"linux.resources.pids": {"limit": 10}})
    outcome = bundle.create().exits(1)
    assert "pids" in outcome.stderr


@pytest.mark.skipif(not cgroups.has_controller("memory"), reason="no memory controller here")
def test_a_small_memory_limit_still_starts_a_program(bundle):
    bundle.configure({"linux.resources.memory": {"limit": 2 * MIB}})
    bundle.run().ok("")
