"""update: new limits for a container that runs, all of them or none."""

import json
import os
import tempfile

import pytest

import messages as m
from harness import cgroups
from harness.spec import bind, mount, namespaces, shell



def needs(*controllers):
    return pytest.mark.skipif(not all(map(cgroups.has_controller, controllers)),
                              reason=f"this host lacks one of {controllers}")


V1_ONLY = pytest.mark.skipif(not cgroups.is_v1("memory"), reason="cgroup v1 alone is like that")
MIB = 1 << 20


def update(bundle, *words, **options):
    return bundle.call("update", *words, bundle.id, **options)


def update_with(bundle, resources):
    """By a file, as Podman does it."""
    return update(bundle, "--resources", bundle.file("update.json", json.dumps(resources)))


def saved(bundle):
    with open(os.path.join(bundle.state_root, bundle.id, "config.json")) as file:
        return json.load(file)["linux"]["resources"]


def holds(bundle, limit):
    """What the kernel has: of (v1 controller, v1 file, v2 file), as this host is."""
    controller, v1, v2 = limit
    return (cgroups.read(controller, bundle.cgroup, v1) if cgroups.is_v1(controller) else
            cgroups.read("", bundle.cgroup, v2))


MEMORY = ("memory", "memory.limit_in_bytes", "memory.max")
SWAP = ("memory", "memory.memsw.limit_in_bytes", "memory.swap.max")
RESERVATION = ("memory", "memory.soft_limit_in_bytes", "memory.low")
SHARES = ("cpu", "cpu.shares", "cpu.weight")
QUOTA = ("cpu", "cpu.cfs_quota_us", "cpu.max")
PERIOD = ("cpu", "cpu.cfs_period_us", "cpu.max")
BURST = ("cpu", "cpu.cfs_burst_us", "cpu.max.burst")
IDLE = ("cpu", "cpu.idle", "cpu.idle")
CPUS = ("cpuset", "cpuset.cpus", "cpuset.cpus")
MEMS = ("cpuset", "cpuset.mems", "cpuset.mems")
PIDS = ("pids", "pids.max", "pids.max")


def version(controller, v1, v2):
    return str(v1 if cgroups.is_v1(controller) else v2)


# ---- each flag ----------------------------------------------------------------------------------

FLAGS = [  # words, the limit, what it must hold on v1 and on v2
    (["--memory", "64m"], MEMORY, 64 * MIB, 64 * MIB),
    (["-m", "67108864"], MEMORY, 64 * MIB, 64 * MIB),
    (["--memory=0.0625g"], MEMORY, 64 * MIB, 64 * MIB),
    (["--memory-reservation", "32MiB"], RESERVATION, 32 * MIB, 32 * MIB),
    (["--memory", "64m", "--memory-swap", "96m"], SWAP, 96 * MIB, 32 * MIB),
    (["--cpu-share", "1024"], SHARES, 1024, 100),
    (["--cpu-share", "262144"], SHARES, 262144, 10000),
    (["--cpu-quota", "50000"], QUOTA, 50000, "50000 100000"),
    (["--cpu-period", "50000"], PERIOD, 50000, "max 50000"),
    (["--cpu-quota", "50000", "--cpu-burst", "20000"], BURST, 20000, 20000),
    (["--cpu-idle", "1"], IDLE, 1, 1),
    (["--cpuset-cpus", "0"], CPUS, 0, 0),
    (["--cpuset-mems", "0"], MEMS, 0, 0),
    (["--pids-limit", "77"], PIDS, 77, 77),
    (["--pids-limit", "-1"], PIDS, "max", "max"),
    (["--pids-limit", "0"], PIDS, 0, 0),
]


@pytest.mark.parametrize("words, limit, v1, v2", FLAGS,
                         ids=[" ".join(words) for words, *_ in FLAGS])
def test_a_flag_changes_its_file(bundle, words, limit, v1, v2):
    controller = limit[0]
    if not cgroups.has_controller(controller):
        pytest.skip(f"no {controller} controller here")
    bundle.running()
    update(bundle, *words).ok("")
    assert holds(bundle, limit) == version(controller, v1, v2)


@V1_ONLY
@pytest.mark.parametrize("words, resources", [
    (["--cpu-rt-period", "900000", "--cpu-rt-runtime", "1000"],
     {"cpu": {"realtimePeriod": 900000, "realtimeRuntime": 1000}}),
    (["--blkio-weight", "100"], {"blockIO": {"weight": 100}})])
def test_what_the_kernel_lacks_is_named(bundle, words, resources):
    """Where it has it, both ways work alike."""
    bundle.running()
    by_flag, by_file = update(bundle, *words), update_with(bundle, resources)
    assert by_flag.status == by_file.status
    if by_flag.status != 0:
        assert "linux.resources." in by_flag.stderr and "/sys/fs/cgroup/" in by_flag.stderr
    assert by_flag.stderr == by_file.stderr


@pytest.mark.both_cgroup_hosts
def test_nothing_to_change_is_fine(bundle):
    bundle.running()
    update(bundle).ok("")


def test_an_empty_value_counts_as_not_given(bundle):
    bundle.running()
    update(bundle, "--memory", "", "--cpuset-cpus", "").ok("")


@pytest.mark.parametrize("flag", ["--kernel-memory", "--kernel-memory-tcp"])
def test_kernel_memory_is_no_error(bundle, flag):
    bundle.running()
    update(bundle, flag, "50m").ok("")


BAD_WORDS = [
    (["--memory", "much"], "update: invalid value 'much' for --memory: not a size such as 64m, "
                           "1.5g or -1"),
    (["--cpu-quota", "1.5"], "update: invalid value '1.5' for --cpu-quota: not a whole number"),
    (["--pids-limit", "x"], "update: invalid value 'x' for --pids-limit: not a whole number"),
]


@pytest.mark.parametrize("words", [["--l3-cache-schema", "L3:0=f"], ["--mem-bw-schema", "MB:0=20"]])
def test_a_container_without_a_group_of_resctrl_has_no_schemata_to_change(bundle, words):
    bundle.running()
    update(bundle, *words).fails(m.said("update", bundle.id, m.NO_RESCTRL_GROUP))


@pytest.mark.parametrize("words, message", BAD_WORDS, ids=[words[0] for words, _ in BAD_WORDS])
def test_a_wrong_value_names_its_flag(bundle, words, message):
    update(bundle, *words).fails(f"brig: {message}")


# ---- the document -------------------------------------------------------------------------------

@needs("pids")
@pytest.mark.parametrize("words", [["--resources", "-"], ["--resources=-"], ["-r", "-"]],
                         ids=" ".join)
def test_resources_come_from_standard_input(bundle, words):
    bundle.running()
    path = bundle.file("update.json", '{"pids": {"limit": 55}}')
    with open(path) as file:
        update(bundle, *words, stdin=file.fileno()).ok("")
    assert holds(bundle, PIDS) == "55"


@needs("cpu", "memory", "pids")
def test_zeros_leave_everything_as_it_is(bundle):
    """What Docker 20.10 sends for a change of something else."""
    bundle.running({"linux.resources.memory": {"limit": 64 * MIB},
                    "linux.resources.cpu": {"shares": 262144, "quota": 50000},
                    "linux.resources.pids": {"limit": 77}})
    update_with(bundle, {"cpu": {"shares": 0, "quota": 0, "period": 0, "cpus": "", "mems": ""},
                         "memory": {"limit": 0, "reservation": 0, "kernel": 0},
                         "blockIO": {"weight": 0}, "pids": {"limit": 0}}).ok("")
    assert holds(bundle, MEMORY) == str(64 * MIB)
    assert holds(bundle, SHARES) == version("cpu", 262144, 10000)
    assert holds(bundle, QUOTA).split()[0] == "50000"
    assert holds(bundle, PIDS) == "77"


def test_a_fault_of_the_document_has_its_position(bundle):
    bundle.running()
    path = bundle.file("update.json", '{"memory":\n {"limit": "1g"}}')
    outcome = update(bundle, "--resources", path).exits(1)
    assert f"{path}:2:12: memory.limit: " in outcome.stderr, str(outcome)


def test_a_document_and_flags_do_not_mix(bundle):
    bundle.running()
    update(bundle, "--resources", bundle.file("update.json", "{}"), "--pids-limit", "7").fails(
        m.said("update", bundle.id,
               "--resources cannot be combined with flags for single limits"))


def test_a_document_that_is_not_there_is_named(bundle):
    bundle.running()
    update(bundle, "--resources", "/nowhere").fails(m.said(
        "update", bundle.id, "--resources: open /nowhere: no such file or directory (ENOENT)"))
    update(bundle, "--resources", "-").fails(
        m.said("update", bundle.id, "--resources: the document is empty"))


# ---- what goes together -------------------------------------------------------------------------

@needs("cpu")
def test_quota_and_period_keep_each_other(bundle):
    bundle.running({"linux.resources.cpu": {"quota": 50000, "period": 200000}})
    update(bundle, "--cpu-quota", "60000").ok("")
    assert holds(bundle, PERIOD).split()[-1] == "200000"
    update(bundle, "--cpu-period", "100000").ok("")
    assert holds(bundle, QUOTA) == version("cpu", 60000, "60000 100000")
    assert saved(bundle)["cpu"] == {"quota": 60000, "period": 100000}


@needs("memory")
def test_memory_and_swap_go_up_and_down_together(bundle):
    bundle.running({"linux.resources.memory": {"limit": 64 * MIB, "swap": 64 * MIB}})
    for megabytes in (32, 128, 96):
        update(bundle, "--memory", f"{megabytes}m", "--memory-swap", f"{megabytes}m").ok("")
        assert holds(bundle, MEMORY) == str(megabytes * MIB)
        assert holds(bundle, SWAP) == version("memory", megabytes * MIB, 0)


@needs("memory")
def test_memory_alone_leaves_the_limit_of_both(bundle):
    """cgroup v2 counts swap alone: its file changes although nobody mentioned it."""
    bundle.running({"linux.resources.memory": {"limit": 64 * MIB, "swap": 128 * MIB}})
    update(bundle, "--memory", "96m").ok("")
    assert holds(bundle, SWAP) == version("memory", 128 * MIB, 32 * MIB)


@needs("memory")
def test_unlimited_memory_brings_unlimited_swap(bundle):
    bundle.running({"linux.resources.memory": {"limit": 64 * MIB, "swap": 96 * MIB}})
    update(bundle, "--memory", "-1").ok("")
    for limit in (MEMORY, SWAP):
        value = holds(bundle, limit)
        assert value == "max" or int(value) > 1 << 60


@needs("memory")
def test_memory_above_the_limit_of_both_is_refused(bundle):
    bundle.running({"linux.resources.memory": {"limit": 64 * MIB, "swap": 64 * MIB}})
    update(bundle, "--memory", "128m").fails(m.said(
        "update", bundle.id, f"linux.resources.memory.swap: {64 * MIB} is below the memory limit "
                             f"of {128 * MIB}, which it includes"))
    assert holds(bundle, MEMORY) == str(64 * MIB)


@needs("cpu")
def test_idle_takes_the_shares_away(bundle):
    bundle.running({"linux.resources.cpu": {"shares": 333}})
    update(bundle, "--cpu-idle", "1").ok("")
    assert saved(bundle)["cpu"] == {"idle": 1}
    update(bundle, "--cpu-share", "200").fails(m.said(
        "update", bundle.id,
        "linux.resources.cpu.shares: an idle container has none (cpu.idle is 1)"))
    update(bundle, "--cpu-share", "262144", "--cpu-idle", "0").ok("")
    assert holds(bundle, SHARES) == version("cpu", 262144, 10000)


# ---- all or nothing -----------------------------------------------------------------------------

@needs("cpu", "cpuset", "memory", "pids")
def test_when_one_limit_is_refused_the_others_are_as_before(bundle):
    bundle.running({"linux.resources.memory": {"limit": 64 * MIB, "swap": 64 * MIB},
                    "linux.resources.pids": {"limit": 50}})
    before = saved(bundle)
    outcome = update_with(bundle, {"memory": {"limit": 128 * MIB, "swap": 128 * MIB},
                                   "cpu": {"shares": 500, "cpus": "4000"}, "pids": {"limit": 7}})
    assert outcome.status == 1
    assert "linux.resources.cpu.cpus: set " in outcome.stderr, str(outcome)
    assert "/cpuset.cpus to 4000: " in outcome.stderr, str(outcome)
    assert ";" not in outcome.stderr, str(outcome)  # nothing went wrong on the way back
    assert holds(bundle, MEMORY) == str(64 * MIB)
    assert holds(bundle, SWAP) == version("memory", 64 * MIB, 0)
    assert holds(bundle, SHARES) == version("cpu", 1024, 100)
    assert holds(bundle, PIDS) == "50"
    assert saved(bundle) == before


@pytest.fixture
def full(bundle, output_pipe):
    """A container with 24 MiB of tmpfs, which cannot be had back, and a limit of 64."""
    bundle.configure({**shell("dd if=/dev/zero of=/tmp/fill bs=1M count=24 2>/dev/null; echo full; "
                              "sleep 1000"),
                      "mounts+": [mount("/tmp", "tmpfs", "tmpfs")],
                      "linux.resources.memory": {"limit": 64 * MIB, "swap": 64 * MIB}})
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok()
    assert output_pipe.line() == "full"
    return bundle


def cut_to_8m(bundle, check):
    return update_with(bundle, {"memory": {"limit": 8 * MIB, "swap": 8 * MIB,
                                           "checkBeforeUpdate": check}})


@needs("memory")
def test_memory_in_use_is_not_cut_off(full):
    used = int(holds(full, ("memory", "memory.usage_in_bytes", "memory.current")))
    outcome = cut_to_8m(full, True).exits(1)
    assert f"linux.resources.memory.limit: {8 * MIB} bytes are less than" in outcome.stderr
    numbers = [int(word) for word in outcome.stderr.split() if word.isdigit()]
    assert 24 * MIB <= numbers[1] <= used + MIB, str(outcome)
    assert holds(full, MEMORY) == str(64 * MIB)
    assert full.status() == "running"


@pytest.mark.skipif(cgroups.is_v1("memory") or not cgroups.has_controller("memory"),
                    reason="memory.reclaim is of cgroup v2")
def test_caches_are_no_reason_to_refuse(bundle, output_pipe):
    with tempfile.TemporaryDirectory(dir="/var/tmp") as disk:  # tmpfs could not be reclaimed
        bundle.configure({**shell("dd if=/dev/zero of=/disk/fill bs=1M count=24 2>/dev/null; sync; "
                                  "echo full; sleep 1000"),
                          "mounts+": [bind(disk, "/disk")], "root.readonly": False,
                          "linux.resources.memory": {"limit": 64 * MIB, "swap": 64 * MIB}})
        bundle.create(stdout=output_pipe.write_end).ok()
        bundle.start().ok()
        assert output_pipe.line() == "full"
        assert int(cgroups.read("", bundle.cgroup, "memory.current")) > 16 * MIB
        cut_to_8m(bundle, True).ok("")
        assert holds(bundle, MEMORY) == str(8 * MIB)
        bundle.kill("KILL").ok("")
        bundle.end()


@V1_ONLY
def test_memory_in_use_is_not_cut_off_by_v1_anyway(full):
    outcome = cut_to_8m(full, False).exits(1)
    assert "linux.resources.memory.limit: set " in outcome.stderr
    assert "current usage: " in outcome.stderr and str(8 * MIB) in outcome.stderr
    assert holds(full, MEMORY) == str(64 * MIB)
    assert full.status() == "running"


@needs("cpu", "pids")
def test_updates_at_once_are_both_kept(bundle):
    bundle.running()
    running = [bundle.runtime.spawn("update", flag, str(value), bundle.id)
               for value in range(40, 44) for flag in ("--pids-limit", "--cpu-share")]
    for each in running:
        each.wait().ok("")
    assert set(saved(bundle)) == {"devices", "pids", "cpu"}
    assert str(saved(bundle)["pids"]["limit"]) == holds(bundle, PIDS)
    if cgroups.is_v1("cpu"):
        assert str(saved(bundle)["cpu"]["shares"]) == holds(bundle, SHARES)


def test_the_configuration_of_the_bundle_is_not_touched(bundle):
    bundle.running()
    path = os.path.join(bundle.path, "config.json")
    with open(path) as file:
        before = file.read()
    if cgroups.has_controller("pids"):
        update(bundle, "--pids-limit", "40").ok("")
        assert saved(bundle)["pids"] == {"limit": 40}
    with open(path) as file:
        assert file.read() == before


# ---- states and hosts ---------------------------------------------------------------------------

@needs("memory", "pids")
def test_created_and_paused_containers_can_be_updated(bundle):
    bundle.configure({"process.args": ["/bin/sleep", "1000"]})
    bundle.create().ok()
    update(bundle, "--pids-limit", "41").ok("")
    assert holds(bundle, PIDS) == "41"
    bundle.start().ok("")
    bundle.call("pause", bundle.id).ok("")
    update(bundle, "--pids-limit", "42", "--memory", "64m").ok("")
    assert holds(bundle, PIDS) == "42"
    assert bundle.status() == "paused"


def test_a_stopped_container_cannot_be_updated(bundle):
    bundle.running({"process.args": ["/bin/true"]})
    bundle.end()
    update(bundle, "--pids-limit", "7").fails(m.said("update", bundle.id, m.NOT_RUNNING))


def test_a_container_that_is_not_there_is_named(bundle):
    bundle.call("update", "nobody").fails(m.said("update", "nobody", m.DOES_NOT_EXIST))


def test_without_cgroups_there_are_no_limits(bundle):
    bundle.configure({"process.args": ["/bin/sleep", "1000"], "linux.cgroupsPath": ""})
    bundle.expect()
    bundle.call("--cgroup-manager", "disabled", "run", "-d", "--bundle", bundle.path, bundle.id).ok()
    update(bundle, "--pids-limit", "7").fails(m.said(
        "update", bundle.id,
        "linux.resources.pids.limit: pids.max: the container has no cgroup"))


@pytest.mark.parametrize("cgroup_view", ["pure-v2"], indirect=True)
def test_a_controller_that_v2_lacks_is_named(bundle):
    if "pids" in cgroups.v2_controllers():
        pytest.skip("this host has v2 controllers")
    bundle.running()
    outcome = update(bundle, "--pids-limit", "7").exits(1)
    assert "linux.resources.pids.limit: pids.max: the pids controller is not in" in outcome.stderr
    update(bundle, "--kernel-memory", "50m").ok("")


@pytest.mark.parametrize("cgroup_view", ["pure-v2"], indirect=True)
def test_a_v2_file_is_changed_and_restored(bundle):
    if "hugetlb" not in cgroups.v2_controllers():
        pytest.skip("no hugetlb in the v2 tree")
    bundle.running()
    update_with(bundle, {"hugepageLimits": [{"pageSize": "2MB", "limit": 4 * MIB}]}).ok("")
    assert cgroups.read("", bundle.cgroup, "hugetlb.2MB.max") == str(4 * MIB)
    assert cgroups.read("", bundle.cgroup, "hugetlb.2MB.rsvd.max") == str(4 * MIB)
    outcome = update_with(bundle, {"hugepageLimits": [{"pageSize": "2MB", "limit": 8 * MIB},
                                                      {"pageSize": "3MB", "limit": 1}]}).exits(1)
    assert "hugepageLimits[1]" in outcome.stderr and "hugetlb.3MB.max" in outcome.stderr
    assert cgroups.read("", bundle.cgroup, "hugetlb.2MB.max") == str(4 * MIB)


# ---- devices ------------------------------------------------------------------------------------

DENY_ALL = {"allow": False, "access": "rwm"}
FUSE = {"allow": True, "type": "c", "major": 10, "minor": 229, "access": "rw"}
ANYTHING = {"allow": True, "access": "rwm"}
# Opens a device for each line it is told and says how that went; $1 r or w, $2 the device.
OPENER = """
while read how device; do
  if [ $how = r ]; then true < $device; else true > $device; fi 2>/tmp/why && echo yes || cat /tmp/why
done"""


@pytest.fixture
def opener(bundle, output_pipe):
    """bundle.tries("r", "/dev/fuse"): "yes", or why not."""
    to_container, from_test = os.pipe()
    nodes = [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229},
             {"path": "/dev/kmsg", "type": "c", "major": 1, "minor": 11}]
    bundle.opener = {**shell(OPENER), "linux.devices": nodes,
                     "mounts+": [mount("/tmp", "tmpfs", "tmpfs")]}

    def start():
        bundle.create(stdin=to_container, stdout=output_pipe.write_end).ok()
        bundle.start().ok()

    def tries(how, device):
        os.write(from_test, f"{how} {device}\n".encode())
        answer = output_pipe.line()
        return "yes" if answer == "yes" else answer.rpartition(": ")[2]
    bundle.go, bundle.tries = start, tries
    yield bundle
    os.close(from_test)
    os.close(to_container)


REFUSED = "Operation not permitted"


@pytest.mark.both_cgroup_hosts
def test_device_rules_are_replaced_while_the_container_runs(opener):
    opener.configure(opener.opener)
    opener.go()
    assert opener.tries("r", "/dev/fuse") == REFUSED
    update_with(opener, {"devices": [DENY_ALL, FUSE]}).ok("")
    assert opener.tries("r", "/dev/fuse") == "yes"
    assert opener.tries("r", "/dev/kmsg") == REFUSED
    assert opener.tries("w", "/dev/null") == "yes"
    update_with(opener, {"devices": [DENY_ALL]}).ok("")
    assert opener.tries("r", "/dev/fuse") == REFUSED
    assert opener.tries("w", "/dev/null") == "yes"


@pytest.mark.both_cgroup_hosts
def test_without_the_member_devices_the_rules_stay(opener):
    opener.configure({**opener.opener, "linux.resources.devices": [DENY_ALL, FUSE]})
    opener.go()
    update_with(opener, {}).ok("")
    assert opener.tries("r", "/dev/fuse") == "yes"
    assert opener.tries("r", "/dev/kmsg") == REFUSED
    update_with(opener, {"devices": []}).ok("")
    assert opener.tries("r", "/dev/fuse") == REFUSED


@pytest.mark.both_cgroup_hosts
def test_everything_can_be_allowed_and_forbidden_again(opener):
    opener.configure({**opener.opener, "linux.resources.devices": [ANYTHING]})
    opener.go()
    assert opener.tries("r", "/dev/fuse") == "yes"
    update_with(opener, {"devices": [DENY_ALL]}).ok("")
    assert opener.tries("r", "/dev/fuse") == REFUSED
    update_with(opener, {"devices": [ANYTHING]}).ok("")
    assert opener.tries("r", "/dev/fuse") == "yes"
    update_with(opener, {"devices": [DENY_ALL]}).ok("")
    assert opener.tries("r", "/dev/fuse") == REFUSED
    assert opener.status() == "running"


@pytest.mark.both_cgroup_hosts
def test_a_device_that_both_rules_allow_is_never_refused(bundle, output_pipe):
    """A loop opens /dev/null while the rules change; the first refusal would end it."""
    bundle.configure({**shell("trap 'exit 0' TERM; echo ready; while true > /dev/null; do true; done; "
                              "exit 1"),
                      "linux.namespaces": namespaces("mount", "uts")})
    bundle.create(stdout=output_pipe.write_end).ok()
    bundle.start().ok()
    assert output_pipe.line() == "ready"
    for rules in [[DENY_ALL, FUSE], [DENY_ALL], [ANYTHING], [DENY_ALL, FUSE], [ANYTHING]] * 2:
        update_with(bundle, {"devices": rules}).ok("")
    assert bundle.status() == "running"
    bundle.kill("TERM").ok("")
    assert bundle.end() == 0


@V1_ONLY
def test_when_a_device_rule_is_refused_the_limits_are_as_before(opener):
    """cgroup v1 cannot take a device out of a wildcard."""
    opener.configure({**opener.opener, "linux.resources.pids": {"limit": 50}})
    opener.go()
    outcome = update_with(opener, {"pids": {"limit": 40}, "devices": [
        DENY_ALL, {"allow": True, "type": "c", "major": 10, "access": "rwm"},
        {**FUSE, "allow": False}]}).exits(1)
    assert "linux.resources.devices: cgroup v1 cannot" in outcome.stderr, str(outcome)
    assert holds(opener, PIDS) == "50"
    assert opener.tries("r", "/dev/fuse") == REFUSED


@pytest.mark.both_cgroup_hosts
def test_device_rules_of_a_paused_container_can_be_replaced(opener):
    opener.configure(opener.opener)
    opener.go()
    opener.call("pause", opener.id).ok("")
    update_with(opener, {"devices": [ANYTHING]}).ok("")
    assert opener.status() == "paused"
    opener.call("resume", opener.id).ok("")
    assert opener.tries("r", "/dev/fuse") == "yes"
