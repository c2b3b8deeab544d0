"""Limits on cgroup v2 with every controller: what the files hold, and what the kernel then does."""

import os
import subprocess

import pytest

from harness import cgroups, host, person
from harness.spec import mount, shell

pytestmark = pytest.mark.skipif("memory" not in cgroups.v2_controllers(),
                                reason="no controllers on cgroup v2: see tests/vm/run --cgroups")
MIB = 1 << 20


def read(bundle, name):
    return cgroups.read("", bundle.cgroup, name)


def resources(sections):
    return {f"linux.resources.{section}": value for section, value in sections.items()}


def disk_number():
    number = os.stat("/dev/vda").st_rdev
    return {"major": os.major(number), "minor": os.minor(number)}


# ---- what is written ----------------------------------------------------------------------------

HELD = [  # the resources, the files and what they hold
    ({"memory": {"limit": 64 * MIB}}, {"memory.max": str(64 * MIB), "memory.swap.max": "max"}),
    ({"memory": {"limit": -1}}, {"memory.max": "max", "memory.swap.max": "max"}),
    ({"memory": {"limit": 64 * MIB, "reservation": 32 * MIB}}, {"memory.low": str(32 * MIB)}),
    ({"memory": {"limit": 64 * MIB, "swap": 96 * MIB}}, {"memory.swap.max": str(32 * MIB)}),
    ({"memory": {"limit": 64 * MIB, "swap": 64 * MIB}}, {"memory.swap.max": "0"}),
    ({"memory": {"limit": 64 * MIB, "swap": -1}}, {"memory.swap.max": "max"}),
    ({"cpu": {"shares": 2}}, {"cpu.weight": "1"}),
    ({"cpu": {"shares": 512}}, {"cpu.weight": "59"}),
    ({"cpu": {"shares": 1024}}, {"cpu.weight": "100"}),
    ({"cpu": {"shares": 262144}}, {"cpu.weight": "10000"}),
    ({"cpu": {"quota": 50000, "period": 200000}}, {"cpu.max": "50000 200000"}),
    ({"cpu": {"quota": 50000}}, {"cpu.max": "50000 100000"}),
    ({"cpu": {"period": 50000}}, {"cpu.max": "max 50000"}),
    ({"cpu": {"quota": -1}}, {"cpu.max": "max 100000"}),
    ({"cpu": {"quota": 50000, "period": 100000, "burst": 20000}}, {"cpu.max.burst": "20000"}),
    ({"cpu": {"idle": 1}}, {"cpu.idle": "1"}),
    ({"cpu": {"shares": 2048, "idle": 0}}, {"cpu.idle": "0", "cpu.weight": "174"}),
    ({"cpu": {"cpus": "1", "mems": "0"}}, {"cpuset.cpus.effective": "1", "cpuset.mems": "0"}),
    ({"pids": {"limit": 77}}, {"pids.max": "77"}),
    ({"pids": {"limit": 0}}, {"pids.max": "0"}),
    ({"pids": {"limit": -1}}, {"pids.max": "max"}),
    ({"hugepageLimits": [{"pageSize": "2MB", "limit": 4 * MIB}]},
     {"hugetlb.2MB.max": str(4 * MIB), "hugetlb.2MB.rsvd.max": str(4 * MIB)}),
    ({"blockIO": {"weight": 500}}, {"io.weight": "default 4950"}),
    ({"unified": {"memory.high": "1048576", "memory.oom.group": "1", "cpu.weight": "7"}},
     {"memory.high": "1048576", "memory.oom.group": "1", "cpu.weight": "7"}),
    ({"memory": {"limit": 64 * MIB}, "unified": {"memory.max": "max"}}, {"memory.max": "max"}),
]


@pytest.mark.parametrize("sections, files", HELD, ids=[str(each) for each, _ in HELD])
def test_the_files_hold(bundle, sections, files):
    bundle.configure(resources(sections))
    bundle.create().ok()
    assert {name: read(bundle, name) for name in files} == files


def test_throttles_of_a_disk_are_kept_together(bundle):
    disk = disk_number()
    rates = {"throttleReadBpsDevice": 1 * MIB, "throttleWriteBpsDevice": 2 * MIB,
             "throttleReadIOPSDevice": 300, "throttleWriteIOPSDevice": 400}
    bundle.configure({"linux.resources.blockIO": {
        name: [{**disk, "rate": rate}] for name, rate in rates.items()}})
    bundle.create().ok()
    assert read(bundle, "io.max") == (f"{disk['major']}:{disk['minor']} rbps=1048576 wbps=2097152 "
                                      "riops=300 wiops=400")


@pytest.fixture
def bfq():
    """The I/O scheduler whose file of weights goes before io.weight."""
    scheduler = "/sys/block/vda/queue/scheduler"
    with open(scheduler) as file:
        before = file.read().partition("[")[2].partition("]")[0]
    subprocess.run(["modprobe", "bfq"], check=True)
    with open(scheduler, "w") as file:
        file.write("bfq")
    yield
    with open(scheduler, "w") as file:
        file.write(before)
    subprocess.run(["modprobe", "-r", "bfq"], check=False)  # a request may still be under way


def test_with_bfq_weights_are_its_own(bundle, bfq):
    disk = disk_number()
    bundle.configure({"linux.resources.blockIO": {
        "weight": 500, "weightDevice": [{**disk, "weight": 300}]}})
    bundle.create().ok()
    assert read(bundle, "io.bfq.weight").splitlines() == [
        "default 500", f"{disk['major']}:{disk['minor']} 300"]
    assert read(bundle, "io.weight") == "default 100"
    bundle.delete("--force").ok()


# ---- what holds ---------------------------------------------------------------------------------

def events(bundle, name):
    return dict(line.split() for line in read(bundle, name).splitlines())


def test_too_much_memory_ends_the_program(bundle):
    bundle.running({"process.args": ["/bin/tail", "/dev/zero"],
                    "linux.resources.memory": {"limit": 16 * MIB, "swap": 16 * MIB}})
    assert bundle.end() == 137
    assert events(bundle, "memory.events")["oom_kill"] == "1"


def test_a_file_in_memory_counts(bundle):
    out = bundle.says("head -c 30m /dev/zero >/tmp/fill || echo refused",
                      {"mounts+": [mount("/tmp", "tmpfs", "tmpfs")],
                       "linux.resources.memory": {"limit": 64 * MIB}})
    assert out == ""
    outcome = bundle.configure({**shell("head -c 30m /dev/zero >/tmp/fill || echo refused"),
                                "mounts+": [mount("/tmp", "tmpfs", "tmpfs")],
                                "linux.resources.memory": {"limit": 16 * MIB}}).run()
    assert "refused" in outcome.stdout or outcome.status == 137, str(outcome)


def test_huge_pages_beyond_the_limit_are_refused(bundle):
    with open("/proc/sys/vm/nr_hugepages", "w") as file:
        file.write("8")
    changes = {"mounts+": [mount("/huge", "hugetlbfs", "hugetlbfs", "pagesize=2M")],
               "linux.resources.hugepageLimits": [{"pageSize": "2MB", "limit": 4 * MIB}]}
    script = "for size in 4 6; do fallocate -l ${size}m /huge/file 2>/dev/null && echo $size; done"
    out = bundle.says(script + "; true", {**changes, "root.readonly": False})
    with open("/proc/sys/vm/nr_hugepages", "w") as file:
        file.write("0")
    assert out == "4\n"


def test_a_cpuset_takes_the_other_cpu_away(bundle):
    assert bundle.says("nproc", {"linux.resources.cpu": {"cpus": "1"}}) == "1\n"


# ---- the way down -------------------------------------------------------------------------------

def enabled(path):
    return set(cgroups.read("", path, "cgroup.subtree_control").split())


@pytest.fixture
def deep():
    """Paths below a cgroup of the test's own, which is removed after the containers are."""
    path = f"{host.CGROUP_PARENT}/bt-{host.SESSION}-deep"
    os.mkdir(cgroups.directory("", path))
    yield path
    cgroups.remove(cgroups.directory("", path))


def test_controllers_are_enabled_on_every_level_above(bundle, deep):
    path = f"{deep}/one/two/{bundle.id}"
    bundle.configure({"linux.cgroupsPath": path, "linux.resources.memory": {"limit": 64 * MIB}})
    bundle.create().ok()
    for level in (deep, f"{deep}/one", f"{deep}/one/two"):
        assert {"cpu", "cpuset", "io", "memory", "pids", "hugetlb"} <= enabled(level)
    assert enabled(path) == set()
    assert cgroups.read("", path, "memory.max") == str(64 * MIB)
    bundle.delete("--force").ok()


def test_a_cgroup_that_is_there_gets_the_limit_too(bundle, deep):
    path = f"{deep}/made-before/{bundle.id}"
    os.makedirs(cgroups.directory("", path))
    bundle.configure({"linux.cgroupsPath": path, "linux.resources.pids": {"limit": 9}})
    bundle.create().ok()
    assert cgroups.read("", path, "pids.max") == "9"
    bundle.delete("--force").ok()
    assert cgroups.existing(path) == []


def test_below_a_cgroup_with_processes_a_limit_names_it(bundle, deep, sleeper):
    """The kernel's rule of no internal processes, in words."""
    full = cgroups.directory("", deep)
    with open(f"{full}/cgroup.procs", "w") as file:
        file.write(str(sleeper))
    path = f"{deep}/{bundle.id}"
    bundle.configure({"linux.cgroupsPath": path, "linux.resources.memory": {"limit": 64 * MIB}})
    outcome = bundle.create().exits(1)
    assert "linux.resources.memory.limit: memory.max: " in outcome.stderr, str(outcome)
    assert f"{full} has processes of its own" in outcome.stderr, str(outcome)
    bundle.configure({"linux.cgroupsPath": path}).run().ok("")


# ---- what only cgroup v1 has --------------------------------------------------------------------

V1_ONLY = [
    ("memory.swappiness", {"memory": {"swappiness": 10}}),
    ("memory.kernel", {"memory": {"kernel": 64 * MIB}}),
    ("memory.kernelTCP", {"memory": {"kernelTCP": 64 * MIB}}),
    ("memory.disableOOMKiller", {"memory": {"disableOOMKiller": True}}),
    ("memory.useHierarchy", {"memory": {"useHierarchy": False}}),
    ("cpu.realtimeRuntime", {"cpu": {"realtimeRuntime": 1000}}),
    ("cpu.realtimePeriod", {"cpu": {"realtimePeriod": 1000}}),
    ("blockIO.leafWeight", {"blockIO": {"leafWeight": 500}}),
    ("network.classID", {"network": {"classID": 7}}),
    ("network.priorities[0]", {"network": {"priorities": [{"name": "lo", "priority": 3}]}}),
]


@pytest.mark.parametrize("field, sections", V1_ONLY, ids=[field for field, _ in V1_ONLY])
def test_what_only_v1_has_is_refused_by_name(bundle, field, sections):
    bundle.configure(resources(sections))
    outcome = bundle.create().exits(1)
    assert f"linux.resources.{field}: " in outcome.stderr, str(outcome)


# ---- devices ------------------------------------------------------------------------------------

EVERY = {name: ["CAP_MKNOD"] for name in ("bounding", "effective", "permitted")}
OPENING = """
mknod /tmp/null c 1 3; mknod /tmp/hwrng c 10 183; mknod /tmp/disk b {major} {minor}
for node in null hwrng disk; do
  dd if=/tmp/$node of=/dev/null bs=512 count=0 2>/tmp/why && echo $node
  grep -c 'Operation not permitted' /tmp/why >&2
done
true"""


@pytest.mark.parametrize("rules, opened", [
    ([{"allow": False, "access": "rwm"}], ["null"]),
    ([{"allow": False, "access": "rwm"}, {"allow": True, "type": "b", "access": "r"}],
     ["null", "disk"]),
    ([{"allow": True, "access": "rwm"}], ["null", "hwrng", "disk"]),
    ([{"allow": True, "access": "rwm"}, {"allow": False, "type": "b", "access": "rwm"}],
     ["null", "hwrng"]),
], ids=["default", "and-disks", "all", "all-but-disks"])
def test_the_program_of_the_rules_decides(bundle, rules, opened):
    """Real nodes of the guest: its source of random numbers, and its disk."""
    script = OPENING.format(**disk_number())
    outcome = bundle.configure({**shell(script), "process.capabilities": EVERY,
                                "mounts+": [mount("/tmp", "tmpfs", "tmpfs")],
                                "linux.resources.devices": rules}).run()
    assert outcome.stdout.split() == opened, str(outcome)
    assert outcome.stderr.split().count("1") == 3 - len(opened), str(outcome)


# ---- a user without privilege -------------------------------------------------------------------

ROOTLESS = {"linux.uidMappings": [{"containerID": 0, "hostID": person.UID, "size": 1}],
            "linux.gidMappings": [{"containerID": 0, "hostID": person.GID, "size": 1}],
            "linux.namespaces+": [{"type": "user"}], "linux.cgroupsPath": "",
            "mounts": [mount("/proc", "proc", "proc"),
                       mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro")]}


@pytest.fixture
def users_bundle(bundle):
    """An ordinary user's, who calls the runtime from the cgroup that `call_from` was given."""
    person.give(bundle.path)

    def call_from(path):
        def become_there():
            cgroups.write("", path, "cgroup.procs", "0")
            person.become()
        bundle.runtime.before = become_there
    bundle.call_from = call_from
    yield bundle
    bundle.runtime.before = None  # it is root who deletes what a failed test has left


@pytest.fixture
def delegated():
    """A cgroup that is given to the user, as systemd does with Delegate=yes; its shell is in /shell."""
    path = f"{host.CGROUP_PARENT}/bt-{host.SESSION}-{person.NAME}"
    folder = cgroups.directory("", path)
    os.makedirs(f"{folder}/shell")
    for name in (".", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"):
        for level in (folder, f"{folder}/shell"):
            os.chown(f"{level}/{name}", person.UID, person.GID)
    for level in (os.path.dirname(host.CGROUP_PARENT), host.CGROUP_PARENT):
        cgroups.write("", level, "cgroup.subtree_control", "+memory +pids")
    yield path
    cgroups.remove(folder)


def test_a_user_runs_a_container_without_a_cgroup(users_bundle):
    users_bundle.call_from("/")
    users_bundle.configure({**shell("id -u; cat /proc/self/cgroup"), **ROOTLESS})
    assert users_bundle.run().ok().stdout.splitlines() == ["0", "0::/"]


def test_a_user_without_a_cgroup_gets_no_limit_and_is_told(users_bundle):
    users_bundle.call_from("/")
    users_bundle.configure({**ROOTLESS, "linux.resources.pids": {"limit": 9}})
    outcome = users_bundle.create().exits(1)
    assert "linux.resources.pids.limit: " in outcome.stderr, str(outcome)
    assert "no cgroup has been delegated to this user" in outcome.stderr, str(outcome)


def test_what_is_delegated_to_a_user_limits_her_containers(users_bundle, delegated):
    users_bundle.call_from(f"{delegated}/shell")
    users_bundle.configure({**ROOTLESS, "process.args": ["/bin/sleep", "1000"],
                            "linux.resources.pids": {"limit": 9},
                            "linux.resources.memory": {"limit": 64 * MIB}})
    users_bundle.create().ok()
    folder = cgroups.of_process(users_bundle.pid)[""]
    assert folder.startswith(f"{delegated}/"), folder
    assert cgroups.read("", folder, "pids.max") == "9"
    assert cgroups.read("", folder, "memory.max") == str(64 * MIB)
    users_bundle.start().ok()
    users_bundle.delete("--force").ok()
    assert not os.path.exists(cgroups.directory("", folder))
