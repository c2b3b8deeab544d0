"""What only cgroup v2 has: cgroups that belong to the container's user, and threaded ones."""

import os

import pytest

import messages as m
from harness import cgroups, host
from harness.spec import MOUNTS, USER_NAMESPACE, mount, namespaces, shell

pytestmark = [pytest.mark.cgroup2,
              pytest.mark.parametrize("cgroup_view", ["pure-v2"], indirect=True)]

WRITABLE = {"mounts": [*MOUNTS[:-1], mount("/sys/fs/cgroup", "cgroup", "cgroup", "rw")]}
MANAGED = {**WRITABLE, "linux.namespaces+": namespaces("cgroup")}
MAPPED = {**WRITABLE, **USER_NAMESPACE, "linux.namespaces+": namespaces("cgroup", "user")}
DIVIDE = ("mkdir /sys/fs/cgroup/sub && echo $$ > /sys/fs/cgroup/sub/cgroup.procs && "
          "tail -n1 /proc/self/cgroup")


def owners(folder):
    return {name: os.stat(f"{folder}/{name}").st_uid for name in [".", *os.listdir(folder)]}


def delegated():
    with open("/sys/kernel/cgroup/delegate") as file:
        return {".", *file.read().split()}


# ---- whose the cgroup is ------------------------------------------------------------------------

def test_the_root_of_a_user_namespace_can_divide_its_cgroup(mapped_bundle):
    assert mapped_bundle.says(DIVIDE, MAPPED) == "0::/sub\n"


@pytest.mark.parametrize("changes", [{**MAPPED, "process.user": {"uid": 1000, "gid": 1000}},
                                     {**MANAGED, "process.user": {"uid": 1000, "gid": 1000}}],
                         ids=["mapped", "host-ids"])
def test_a_plain_user_can_divide_its_cgroup(mapped_bundle, changes):
    assert mapped_bundle.says(DIVIDE, changes) == "0::/sub\n"


@pytest.mark.parametrize("uid", [0, 1000])
def test_the_user_gets_what_the_kernel_names_and_nothing_else(mapped_bundle, uid):
    mapped_bundle.configure({**shell("true"), **MAPPED, "process.user": {"uid": uid, "gid": 0}})
    mapped_bundle.create().ok()
    for name, owner in owners(cgroups.directory("", mapped_bundle.cgroup)).items():
        assert owner == (100000 + uid if name in delegated() else 0), name


def hide_the_kernels_list():
    host.enter_mount_namespace()
    host.mount("tmpfs", "/sys/kernel/cgroup", "tmpfs")


def test_without_the_kernels_list_the_user_gets_the_three_files_of_old(mapped_bundle):
    mapped_bundle.configure({**shell("true"), **MANAGED, "process.user": {"uid": 1000, "gid": 0}})
    mapped_bundle.create(before=hide_the_kernels_list).ok()
    given = {".", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"}
    for name, owner in owners(cgroups.directory("", mapped_bundle.cgroup)).items():
        assert owner == (1000 if name in given else 0), name


def test_a_user_who_owns_the_cgroup_cannot_raise_its_limits(mapped_bundle):
    changes = {**MAPPED, "linux.resources.unified": {"cgroup.max.descendants": "1"}}
    out = mapped_bundle.says("cd /sys/fs/cgroup && mkdir one; mkdir two 2>/dev/null; "
                             "echo 5 2>/dev/null >cgroup.max.descendants; ls -d one two 2>&1 | sort",
                             changes)
    assert out == "ls: two: No such file or directory\none\n"


NOT_GIVEN = {
    "read-only": {**MAPPED, "mounts": MOUNTS},
    "not-mounted": {**MAPPED, "mounts": MOUNTS[:-1]},
    "shared-namespace": {**MAPPED, "linux.namespaces+": namespaces("user")},
}


@pytest.mark.parametrize("changes", NOT_GIVEN.values(), ids=NOT_GIVEN)
def test_a_cgroup_that_the_container_cannot_manage_stays_ours(mapped_bundle, changes):
    mapped_bundle.configure({**shell("true"), **changes})
    mapped_bundle.create().ok()
    assert set(owners(cgroups.directory("", mapped_bundle.cgroup)).values()) == {0}


# ---- threaded subtrees --------------------------------------------------------------------------

@pytest.fixture
def threaded_root():
    """The path of a cgroup with a threaded one in it: from then on it takes threaded ones only."""
    path = f"{host.CGROUP_PARENT}/bt-{host.SESSION}-threads"
    folder = cgroups.directory("", path)
    os.makedirs(folder + "/peer")
    with open(f"{folder}/peer/cgroup.type", "w") as file:
        file.write("threaded")
    yield path
    cgroups.remove(folder)


@pytest.fixture
def threaded(bundle, threaded_root):
    """A container two levels below; it goes before the cgroups above it do."""
    bundle.path_inside = f"{threaded_root}/level/{bundle.id}"
    yield bundle
    assert bundle.close() == []
    assert cgroups.existing(bundle.path_inside) == []


def test_below_a_threaded_cgroup_a_container_is_threaded_too(threaded):
    threaded.running({"linux.cgroupsPath": threaded.path_inside})
    folder = cgroups.directory("", threaded.path_inside)
    assert cgroups.of_process(threaded.pid)[""] == threaded.path_inside
    for each in (folder, os.path.dirname(folder)):
        assert cgroups.read("", each.removeprefix(cgroups.mount_point("")), "cgroup.type") == "threaded"
    threaded.kill("KILL").ok("")
    threaded.end()
    threaded.delete().ok("")


def test_a_threaded_container_is_removed_with_its_processes_and_their_threads(threaded):
    script = "sleep 1000 & sleep 1000 & exec sleep 1000"
    threaded.configure({**shell(script), "linux.cgroupsPath": threaded.path_inside,
                        "linux.namespaces": namespaces("mount", "uts", "ipc", "network")})
    threaded.create().ok()
    threaded.start().ok()
    threaded.delete("--force").ok("")
    assert cgroups.existing(threaded.path_inside) == []


def test_a_threaded_cgroup_that_is_in_use_is_refused(threaded):
    threaded.running({"linux.cgroupsPath": threaded.path_inside})
    threaded.create(container=threaded.id + "-second").exits(1)


def test_a_limit_that_only_a_domain_can_have_is_refused_below_a_threaded_cgroup(threaded):
    if "hugetlb" not in cgroups.v2_controllers():
        pytest.skip("this host has no hugetlb controller on v2")
    threaded.configure({"linux.cgroupsPath": threaded.path_inside,
                        "linux.resources.hugepageLimits": [{"pageSize": "2MB", "limit": 0}]})
    folder = "/sys/fs/cgroup" + threaded.path_inside  # as the view has it
    threaded.create().fails(m.said("create", threaded.id, m.limit_of_a_domain(
        "linux.resources.hugepageLimits[0]", "hugetlb.2MB.max", folder)))
