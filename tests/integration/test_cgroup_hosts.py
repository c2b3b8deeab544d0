"""Hosts that give a container no cgroup, or not everywhere."""

import json
import os

import pytest

import messages as m
from harness import cgroups, host
from harness.holder import CLONE_NEWUSER
from harness.spec import MOUNTS, bind, namespaces
from harness.views import is_pure_v2

ANY_DEVICE = {"linux.resources.devices": [{"allow": True, "access": "rwm"}]}
MIB = 1 << 20


def run_with_log(bundle, **options):
    """(the probe's words, the warnings): engines ask for a log and get them there."""
    log = os.path.join(bundle.state_root, ".log")
    outcome = bundle.call("--log", log, "--log-level", "warning", "run", "--bundle", bundle.path,
                          bundle.id, **options).ok()
    with open(log) as file:
        return json.loads(outcome.stdout), file.read()


# ---- no cgroup can be made ----------------------------------------------------------------------

WITHOUT = {  # the view: why there is no cgroup
    "read-only": "{v1} is mounted read-only",
    "read-only-v2": "/sys/fs/cgroup is mounted read-only",
    "no-cgroups": "no cgroup filesystem is mounted on this host",
}
each_host_without = pytest.mark.parametrize("cgroup_view", WITHOUT, indirect=True)


def why_without(request):
    points = [point for point, names in cgroups.hierarchies().items() if names != {""}]
    name = request.node.callspec.params["cgroup_view"]
    if name == "read-only" and not points:
        name = "read-only-v2"
    return WITHOUT[name].replace("{v1}", first_of_process(points) if points else "")


def first_of_process(points):
    """Hierarchies are counted as /proc/PID/cgroup has them."""
    for names in cgroups.of_process("self"):
        for point in points:
            if names in cgroups.hierarchies()[point]:
                return point
    return points[0]


@each_host_without
def test_without_a_cgroup_a_container_runs_and_the_log_says_so(bundle, request):
    bundle.configure({"process.args": ["/probe", "--list", "/sys/fs/cgroup"], **ANY_DEVICE})
    seen, log = run_with_log(bundle)
    assert bundle.id not in seen["cgroup"]
    assert seen["list"]["/sys/fs/cgroup"] == []
    assert m.NO_CGROUP.format(why=why_without(request)) in log


@each_host_without
@pytest.mark.parametrize("field, resources", [
    ("linux.resources.pids.limit", {"pids": {"limit": 10}}),
    ("linux.resources.memory.limit", {"memory": {"limit": 64 * MIB}})])
def test_without_a_cgroup_a_limit_is_refused_by_name(bundle, request, field, resources):
    bundle.configure({f"linux.resources.{name}": value for name, value in resources.items()}
                     | ANY_DEVICE)
    error = bundle.create().exits(1).stderr
    assert field in error and why_without(request) in error, error


@each_host_without
def test_without_a_cgroup_device_rules_are_refused_by_name(bundle, request):
    """The container is root on the host: nothing else would keep it from the devices."""
    bundle.configure()
    bundle.create().fails(m.said("create", bundle.id,
                                 f"linux.resources.devices: {why_without(request)}"))


@each_host_without
def test_without_a_cgroup_containers_are_killed_and_deleted(bundle):
    bundle.running({**ANY_DEVICE})
    bundle.kill("KILL").ok("")
    bundle.end()
    bundle.delete().ok("")


# ---- what is there already ----------------------------------------------------------------------

@pytest.mark.both_cgroup_hosts
def test_an_empty_cgroup_that_is_there_is_joined_and_removed(bundle):
    for point in cgroups.hierarchies():
        os.makedirs(point + bundle.cgroup)
        if os.path.exists(f"{point}/cpuset.cpus"):
            cgroups.inherit_cpuset(point, bundle.cgroup)
    out = bundle.says("cat /proc/self/cgroup")
    assert bundle.cgroup in out
    bundle.call("delete", "--force", bundle.id).ok("")
    for folder in bundle.cgroup_directories():  # v1 ones are no business of a v2 view
        os.rmdir(folder)


@pytest.mark.both_cgroup_hosts
@pytest.mark.parametrize("own_namespace", [False, True], ids=["shared-ns", "own-ns"])
def test_the_container_sees_its_own_cgroup_and_no_other(bundle, own_namespace):
    only_v2 = is_pure_v2() or bundle.runtime.mounts_of is not None
    points = ["/sys/fs/cgroup"] if only_v2 else cgroups.hierarchies()
    files = [f"{point}/cgroup.procs" for point in points]
    extra = namespaces("cgroup") if own_namespace else []
    seen = bundle.posture({"linux.namespaces+": extra},
                          probe=[word for path in files for word in ("--read", path)])
    assert seen["read"] == {path: "1\n" for path in files}
    for line in seen["cgroup"].splitlines()[-1 if only_v2 else 0:]:
        if line.startswith("0::") and cgroups.mount_point("") is None:
            continue  # the kernel has a v2 tree even where nobody has mounted it
        assert line.split(":", 2)[2] == ("/" if own_namespace else bundle.cgroup), line


def test_a_read_only_bind_of_the_hosts_cgroups_shows_them_as_they_are(bundle):
    procs = f"{next(iter(cgroups.hierarchies()))}/cgroup.procs"
    hosts = bind("/sys/fs/cgroup", "/sys/fs/cgroup", "rro")
    before = set(os.listdir("/sys/fs/cgroup"))
    seen = bundle.posture({"mounts": [*MOUNTS[:-1], hosts]},
                          probe=["--list", "/sys/fs/cgroup", "--write", procs])
    after = set(os.listdir("/sys/fs/cgroup"))  # others make and remove some
    assert before & after <= set(seen["list"]["/sys/fs/cgroup"]) <= before | after
    assert seen["write"][procs] == "EROFS"


# ---- without privilege --------------------------------------------------------------------------

@pytest.fixture
def unprivileged(mapped_holder, mapped_bundle):
    """`before` of a runtime that is root of a user namespace only, in the cgroup it is given."""
    os.chown(mapped_bundle.state_root, 100000, 100000)
    user = os.open(f"/proc/{mapped_holder.maker}/ns/user", os.O_RDONLY)

    def in_cgroup(path=None):
        def before():
            if path:
                with open(f"/sys/fs/cgroup{path}/cgroup.procs", "w") as file:
                    file.write("0")
            host.setns(user, CLONE_NEWUSER)
            os.setgroups([])
            os.setresgid(0, 0, 0)
            os.setresuid(0, 0, 0)
            host.unshare(host.CLONE_NEWNS)
        return before
    yield in_cgroup
    os.close(user)


@pytest.fixture
def given_cgroup():
    """A cgroup of v2, given to the root of that user namespace as systemd delegates one."""
    path = f"{host.CGROUP_PARENT}/bt-{host.SESSION}-given"
    folder = cgroups.directory("", path)
    os.mkdir(folder)
    for name in (".", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"):
        os.chown(f"{folder}/{name}", 100000, 100000)
    yield path
    cgroups.remove(folder)


IN_VIEW = pytest.mark.parametrize("cgroup_view", ["pure-v2"], indirect=True)
NESTED = {"containerID": 0, "hostID": 0, "size": 65536}
UNPRIVILEGED = {"linux.uidMappings": [NESTED], "linux.gidMappings": [NESTED],
                "linux.namespaces+": namespaces("user"), "linux.cgroupsPath": ""}


@IN_VIEW
def test_without_privilege_what_was_delegated_is_used(mapped_bundle, unprivileged, given_cgroup):
    mapped_bundle.configure({"process.args": ["/probe"], **UNPRIVILEGED})
    seen, log = run_with_log(mapped_bundle, before=unprivileged(given_cgroup))
    assert f"0::{given_cgroup}/brig/{mapped_bundle.id}\n" in seen["cgroup"]
    assert "no cgroup" not in log and "linux.resources.devices: not enforced" in log


@IN_VIEW
def test_without_privilege_and_delegation_there_is_no_cgroup(mapped_bundle, unprivileged):
    mapped_bundle.configure({"process.args": ["/probe"], **UNPRIVILEGED})
    seen, log = run_with_log(mapped_bundle, before=unprivileged())
    assert mapped_bundle.id not in seen["cgroup"]
    assert m.NO_CGROUP.format(why="no cgroup has been delegated to this user") in log


@IN_VIEW
def test_without_privilege_and_delegation_a_limit_is_refused(mapped_bundle, unprivileged):
    mapped_bundle.configure({**UNPRIVILEGED, "linux.resources.pids": {"limit": 10}})
    error = mapped_bundle.create(before=unprivileged()).exits(1).stderr
    assert "linux.resources.pids.limit: " in error
    assert "no cgroup has been delegated to this user" in error
