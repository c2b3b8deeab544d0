"""events and stats where cgroup v2 has every controller."""

import json
import os
import subprocess

import pytest

from harness import processes

BRIG = os.environ["BRIG"]
MIB = 1 << 20
RESOURCES = {"memory": {"limit": 64 * MIB, "swap": 96 * MIB}, "pids": {"limit": 77},
             "cpu": {"quota": 50000, "period": 100000}}


def brig(root, *words, **options):
    options = {"check": True, "stdin": subprocess.DEVNULL, **options}
    return subprocess.run([BRIG, "--root", f"{root}/state", *words], **options)


def configure(folder, script, resources):
    brig(folder, "spec", "--bundle", folder)
    with open(f"{folder}/config.json") as file:
        config = json.load(file)
    config["process"].update(terminal=False, args=["/bin/sh", "-c", script])
    config["root"]["readonly"] = False
    config["linux"]["resources"] = resources
    config["linux"]["cgroupsPath"] = "/brig-test/stats"
    with open(f"{folder}/config.json", "w") as file:
        json.dump(config, file)


@pytest.fixture
def run():
    """run(script, resources): starts a container on the guest's disk; returns its --root."""
    folder = f"/var/tmp/brig-stats-{os.getpid()}"
    os.makedirs(f"{folder}/rootfs/bin")
    for name in ("sh", "dd", "tail", "sleep"):
        subprocess.run(["cp", "/bin/busybox", f"{folder}/rootfs/bin/{name}"], check=True)

    def start(script, resources=None):
        configure(folder, script, resources if resources is not None else RESOURCES)
        brig(folder, "create", "--bundle", folder, "web", stdout=subprocess.DEVNULL,
             stderr=subprocess.DEVNULL)
        return folder
    yield start
    brig(folder, "delete", "--force", "web")
    subprocess.run(["rm", "-r", folder], check=True)
    assert not os.path.exists("/sys/fs/cgroup/brig-test/stats")


def data_of(root):
    out = brig(root, "events", "--stats", "web", stdout=subprocess.PIPE).stdout
    return json.loads(out)["data"]


def watch(root):
    """`brig events` that has begun to watch: it tells statistics after that only."""
    events = subprocess.Popen([BRIG, "--root", f"{root}/state", "events", "--interval", "100ms",
                               "web"], stdout=subprocess.PIPE, text=True)
    assert json.loads(events.stdout.readline())["type"] == "stats"
    return events


def kinds(lines):
    return [json.loads(line)["type"] for line in lines]


def test_limits_are_reported_as_runc_reports_them(run):
    root = run("exec sleep 1000")
    data = data_of(root)
    assert data["memory"]["usage"]["limit"] == 64 * MIB
    assert data["memory"]["swap"]["limit"] == 96 * MIB  # together with the memory
    assert data["memory"]["swap"]["usage"] >= data["memory"]["usage"]["usage"]
    assert data["memory"]["kernel"] == {"limit": 0, "failcnt": 0}
    assert data["pids"] == {"current": 1, "limit": 77}
    assert data["cpuset"]["cpus"] == sorted(os.sched_getaffinity(0))
    processes.until(lambda: data_of(root)["memory"]["raw"]["anon"] > 0,
                    "the kernel has brought the file of numbers up to date")
    assert {"low", "high", "max", "oom", "oom_kill"} <= set(data["memory"]["events"])


def test_without_a_limit_there_is_runcs_largest_number(run):
    data = data_of(run("exec sleep 1000", {}))
    assert data["memory"]["usage"]["limit"] == data["memory"]["swap"]["limit"] == 2**64 - 1
    assert "limit" not in data["pids"]


def test_direct_io_is_counted_by_device(run):
    root = run("dd if=/dev/zero of=/file bs=64k count=16 conv=fsync; exec sleep 1000")
    brig(root, "start", "web")
    wrote = {}
    while wrote.get("Write", 0) < MIB:
        io = data_of(root)["blkio"]
        wrote = {each["op"]: each.get("value", 0)
                 for each in io.get("ioServiceBytesRecursive", [])}
    assert set(wrote) == {"Read", "Write"}
    (device,) = {f"{each['major']}:{each.get('minor', 0)}" for each in io["ioServicedRecursive"]}
    assert io["raw"][device]["wbytes"] == wrote["Write"]


def test_a_fork_that_met_the_limit_is_counted(run):
    root = run("(sleep 1000 & sleep 1000); exec sleep 1000",
               {"pids": {"limit": 2}})
    brig(root, "start", "web")
    while not (denied := data_of(root)["pids"].get("failcnt", 0)):
        pass
    assert denied >= 1


def test_each_kill_for_want_of_memory_is_told(run):
    root = run("tail /dev/zero; tail /dev/zero; exec sleep 1000",
               {"memory": {"limit": 16 * MIB, "swap": 16 * MIB}})
    events = watch(root)
    brig(root, "start", "web")
    told = 0
    while told < 2:
        told += json.loads(events.stdout.readline()) == {"type": "oom", "id": "web"}
    assert data_of(root)["memory"]["events"]["oom_kill"] == 2
    brig(root, "kill", "web", "KILL")
    assert "oom" not in kinds(events.stdout)
    assert events.wait() == 0


def test_the_kill_that_ends_the_container_is_told(run):
    root = run("exec tail /dev/zero", {"memory": {"limit": 16 * MIB, "swap": 16 * MIB}})
    events = watch(root)
    brig(root, "start", "web")
    assert kinds(events.stdout).count("oom") == 1  # dying takes time: statistics may follow it
    assert events.wait() == 0


def test_the_table_shows_limits_and_processes(run):
    root = run("exec sleep 1000")
    out = brig(root, "stats", "--no-stream", stdout=subprocess.PIPE, text=True).stdout
    _, row = out.splitlines()
    assert row.split()[0] == "web" and "64.0MiB" in row.split()
    json_line = brig(root, "stats", "--no-stream", "--format", "json", "web",
                     stdout=subprocess.PIPE).stdout
    found = json.loads(json_line)
    assert found["memory_limit"] == 64 * MIB and found["pids_limit"] == 77
    assert 0 < found["memory"] < 64 * MIB
