"""Limits and device rules as the container feels them."""

import os

import pytest

from harness import cgroups, processes
from harness.spec import mount, shell



def needs(*controllers):
    return pytest.mark.skipif(not all(map(cgroups.has_controller, controllers)),
                              reason=f"this host lacks one of {controllers}")


V1_ONLY = pytest.mark.skipif(not cgroups.is_v1("memory"), reason="cgroup v1 alone has it")
MIB = 1 << 20
TMP = mount("/tmp", "tmpfs", "tmpfs")


def holds(bundle, controller, name):
    return cgroups.read(controller if cgroups.is_v1(controller) else "", bundle.cgroup, name)


# ---- memory, processes, processor time ----------------------------------------------------------

@needs("memory")
def test_a_memory_hog_is_killed(bundle):
    bundle.configure({"process.args": ["/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=64M",
                                       "count=1"],
                      "linux.resources.memory": {"limit": 16 * MIB, "swap": 16 * MIB}})
    bundle.run().exits(137)


@needs("memory")
def test_a_memory_hog_within_the_limit_lives(bundle):
    bundle.configure({"process.args": ["/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=8M",
                                       "count=1"],
                      "linux.resources.memory": {"limit": 16 * MIB, "swap": 16 * MIB}})
    bundle.run().exits(0)


@V1_ONLY
def test_without_the_oom_killer_a_hog_waits(bundle):
    """Only faults of the program itself wait; a system call such as dd's would get an error."""
    bundle.configure({"process.args": ["/bin/awk", "BEGIN { s = 1; while (1) s = s s }"],
                      "linux.resources.memory": {"limit": 16 * MIB, "swap": 16 * MIB,
                                                 "disableOOMKiller": True}})
    bundle.create().ok()
    bundle.start().ok()
    processes.until(lambda: "under_oom 1" in holds(bundle, "memory", "memory.oom_control"),
                    "the hog is at its limit")
    assert bundle.status() == "running"


@needs("pids")
def test_a_fork_bomb_stops_at_the_limit(bundle, output_pipe):
    bundle.configure({**shell("i=0; while [ $i -lt 30 ]; do sleep 1000 & i=$((i+1)); done"),
                      "linux.resources.pids": {"limit": 10}})
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok()
    processes.until(lambda: holds(bundle, "pids", "pids.events") != "max 0", "a fork was refused")
    assert int(holds(bundle, "pids", "pids.current")) <= 10


@needs("pids")
@pytest.mark.parametrize("limit, forks", [(0, False), (1, False), (2, True)])
def test_the_first_process_counts_among_the_pids(bundle, limit, forks):
    """Zero is zero: the program runs, and can start no other."""
    bundle.configure({**shell("/bin/true & wait $! && echo forked"),
                      "linux.resources.pids": {"limit": limit}})
    assert ("forked" in bundle.run().stdout) == forks
    bundle.configure({"linux.resources.pids": {"limit": limit}})
    bundle.run().ok("")


@needs("cpu")
def test_a_quota_throttles(bundle):
    bundle.running({**shell("while :; do :; done"),
                    "linux.resources.cpu": {"quota": 2000, "period": 20000}})

    def throttled():
        stat = dict(line.split() for line in holds(bundle, "cpu", "cpu.stat").splitlines())
        return int(stat["nr_throttled"])
    processes.until(lambda: throttled() >= 3, "the quota is used up three times")


@needs("cpu")
def test_without_a_quota_nothing_is_throttled(bundle):
    bundle.says("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done",
                {"linux.resources.cpu": {"quota": -1}})
    bundle.running({"linux.resources.cpu": {"quota": -1}})
    assert "nr_throttled 0" in holds(bundle, "cpu", "cpu.stat")


@needs("cpuset")
def test_a_cpuset_is_where_the_program_runs(bundle):
    last = str(max(os.sched_getaffinity(0)))
    out = bundle.says("grep Cpus_allowed_list /proc/self/status",
                      {"linux.resources.cpu": {"cpus": last}})
    assert out.split()[1] == last


@pytest.mark.parametrize("cgroup_view", ["pure-v2"], indirect=True)
def test_huge_pages_are_limited_with_their_reservations(bundle):
    if "hugetlb" not in cgroups.v2_controllers():
        pytest.skip("no hugetlb in the v2 tree")
    bundle.running({"linux.resources.hugepageLimits": [{"pageSize": "2MB", "limit": 4 * MIB}]})
    assert holds(bundle, "", "hugetlb.2MB.max") == str(4 * MIB)
    assert holds(bundle, "", "hugetlb.2MB.rsvd.max") == str(4 * MIB)


@pytest.mark.parametrize("cgroup_view", ["pure-v2"], indirect=True)
def test_unified_values_are_written_as_they_are(bundle):
    bundle.running({"linux.resources.unified": {"cgroup.max.depth": "3"}})
    assert holds(bundle, "", "cgroup.max.depth") == "3"


# ---- what cannot be had is said -----------------------------------------------------------------

REFUSED = [  # the resource, on which hosts, what stderr has
    ({"memory": {"swappiness": 200}}, "this-host",
     "linux.resources.memory.swappiness: expected an integer from 0 to 100, got 200"),
    ({"unified": {"memory.high": "1"}}, "this-host", "linux.resources.unified"),
    ({"rdma": {"mlx5_0": {"hcaHandles": 3}}}, "this-host", "linux.resources.rdma.mlx5_0: "),
    ({"network": {"classID": 1}}, "pure-v2", "linux.resources.network.classID"),
    ({"cpu": {"realtimeRuntime": 1000}}, "pure-v2", "linux.resources.cpu.realtimeRuntime"),
    ({"memory": {"swappiness": 10}}, "pure-v2", "linux.resources.memory.swappiness"),
    ({"memory": {"disableOOMKiller": True}}, "pure-v2", "linux.resources.memory.disableOOMKiller"),
    ({"hugepageLimits": [{"pageSize": "3MB", "limit": 1}]}, "pure-v2",
     "linux.resources.hugepageLimits[0]: "),
]


@V1_ONLY
@pytest.mark.parametrize("resource, cgroup_view, message", REFUSED, indirect=["cgroup_view"],
                         ids=[f"{message.split(':')[0]}-{view}" for _, view, message in REFUSED])
def test_a_limit_that_cannot_be_had_names_its_field(bundle, resource, message):
    (section, value), = resource.items()
    bundle.configure({f"linux.resources.{section}": value})
    outcome = bundle.create()
    assert outcome.status == 1 and message in outcome.stderr, str(outcome)


def test_check_before_update_is_accepted_at_create(bundle):
    memory = {"checkBeforeUpdate": True}
    if cgroups.has_controller("memory"):
        memory["limit"] = 64 * MIB
    bundle.configure({"linux.resources.memory": memory})
    bundle.run().ok("")


# ---- devices ------------------------------------------------------------------------------------

def rule(allow, device="", access="rwm"):
    """rule(True, "c 10:229", "r"); no device: all of them."""
    kind, _, numbers = device.partition(" ")
    made = {"allow": allow, "access": access}
    if kind:
        made["type"] = kind
    for name, number in zip(("major", "minor"), numbers.split(":")):
        if number not in ("", "*"):
            made[name] = int(number)
    return made


FUSE = "c 10:229"
ORDERS = [  # the rules in order, whether /dev/fuse may be read, whether written
    ([rule(False), rule(True, FUSE)], True, True),
    ([rule(True, FUSE), rule(False)], False, False),
    ([rule(True), rule(False, FUSE)], False, False),
    ([rule(True), rule(False, FUSE, "w")], True, False),
    ([rule(False), rule(True, FUSE, "r")], True, False),
    ([rule(False), rule(True, FUSE), rule(False, FUSE, "w")], True, False),
    ([rule(False), rule(True, "c 10:*")], True, True),
    ([rule(False), rule(True, "c *:229", "r")], True, False),
    ([rule(False), rule(True, "b 10:229")], False, False),
    ([rule(False, FUSE), rule(True)], True, True),
    ([rule(False), rule(True, "c 10:*", "r"), rule(True, FUSE, "w")], True, True),
    ([], False, False),
]


@pytest.mark.both_cgroup_hosts
@pytest.mark.parametrize("rules, readable, writable", ORDERS, ids=map(str, range(len(ORDERS))))
def test_of_several_rules_the_last_decides(bundle, rules, readable, writable):
    bundle.configure({
        **shell("true < /dev/fuse && echo r; true >> /dev/fuse && echo w; echo > /dev/null && echo n"),
        "linux.devices": [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229}],
        "linux.resources.devices": rules})
    outcome = bundle.run()
    assert outcome.stdout.split() == [letter for letter, may in (("r", readable), ("w", writable),
                                                                 ("n", True)) if may], str(outcome)
    assert outcome.stderr.count("Operation not permitted") == 2 - readable - writable


@pytest.mark.both_cgroup_hosts
@pytest.mark.parametrize("allowed", [True, False])
def test_making_a_node_is_an_access_of_its_own(bundle, allowed):
    """mknod alone is allowed for every device; what is made can still not be opened."""
    every = {name: ["CAP_MKNOD"] for name in ("bounding", "effective", "permitted")}
    rules = [rule(False)] + ([rule(True, "b 7:200", "rw")] if allowed else [])
    bundle.configure({**shell("mknod /tmp/node b 7 200 && echo made; true < /tmp/node"),
                      "mounts+": [TMP], "process.capabilities": every,
                      "linux.resources.devices": rules})
    outcome = bundle.run()
    assert outcome.stdout == "made\n", str(outcome)
    assert ("Operation not permitted" in outcome.stderr) == (not allowed), str(outcome)
