"""brig events: what the kernel counts, as runc prints it, and each want of memory at once."""

import json
import os
import time

import pytest

import messages as m
from harness import cgroups, processes
from harness.runtime import default_signals
from harness.spec import mount, namespaces, shell

MIB = 1 << 20
LIMITED_MEMORY = pytest.mark.skipif(not cgroups.has_controller("memory"),
                                    reason="no memory controller here")
BUSY = "while :; do :; done"
WAIT = "exec sleep 1000"


def data_of(bundle):
    """The data of `events --stats`."""
    lines = bundle.call("events", "--stats", bundle.id).ok().stdout.splitlines()
    assert len(lines) == 1, lines
    event = json.loads(lines[0])
    assert list(event) == ["type", "id", "data"]
    assert event["type"] == "stats" and event["id"] == bundle.id
    return event["data"]


def until(bundle, condition, what):
    processes.until(lambda: condition(data_of(bundle)), what)


class Stream:
    """`brig events` in the background, its lines read as they come."""

    def __init__(self, bundle, pipe, *flags):
        self.pipe = pipe
        self.running = bundle.runtime.spawn("events", *flags, bundle.id, stdout=pipe.write_end)

    def next(self):
        return json.loads(self.pipe.line())

    def next_of(self, kind):
        while True:
            event = self.next()
            if event["type"] == kind:
                return event

    def ends(self):
        """What comes up to the end, which must be one of success."""
        rest = [json.loads(line) for line in self.pipe.rest().splitlines()]
        self.running.wait().ok()
        return rest


# ---- one look -----------------------------------------------------------------------------------

@pytest.mark.sanitize
@pytest.mark.both_cgroup_hosts
def test_the_statistics_have_the_keys_of_runc_in_its_order(bundle):
    bundle.running()
    data = data_of(bundle)
    assert list(data) == ["cpu", "cpuset", "memory", "pids", "blkio", "hugetlb", "intel_rdt",
                          "network_interfaces"]
    assert list(data["cpu"])[:2] == ["usage", "throttling"]
    assert [key for key in data["memory"] if key not in ("cache", "raw", "psi", "events")] == [
        "usage", "swap", "kernel", "kernelTCP"]
    for counter in ("usage", "swap", "kernel", "kernelTCP"):
        assert {"limit", "failcnt"} <= set(data["memory"][counter])
    assert data["intel_rdt"] == {}


@pytest.mark.both_cgroup_hosts
def test_a_busy_loop_uses_cpu_time(bundle):
    bundle.running(shell(BUSY))
    first = data_of(bundle)["cpu"]["usage"]["total"]
    until(bundle, lambda data: data["cpu"]["usage"]["total"] > first + 50_000_000,
          "50 ms of CPU time")


@pytest.mark.both_cgroup_hosts
def test_the_processes_are_counted(bundle):
    bundle.running(shell(f"sleep 1000 & sleep 1000 & {WAIT}"))
    until(bundle, lambda data: data["pids"]["current"] == 3, "three processes")


@pytest.mark.both_cgroup_hosts
def test_pressure_is_reported_where_the_kernel_has_it(bundle):
    if not os.path.exists("/proc/pressure/cpu") or not cgroups.mount_point(""):
        pytest.skip("no pressure is counted here")
    bundle.running()
    shares = data_of(bundle)["cpu"]["psi"]
    assert list(shares) == ["some", "full"]
    assert list(shares["some"]) == ["avg10", "avg60", "avg300", "total"]


@LIMITED_MEMORY
def test_limits_and_use_of_memory_are_those_of_the_cgroup(bundle):
    bundle.running({**shell(f"head -c 20m /dev/zero > /tmp/fill; {WAIT}"),
                    "mounts+": [mount("/tmp", "tmpfs", "tmpfs")],
                    "linux.resources.memory": {"limit": 64 * MIB},
                    "linux.resources.pids": {"limit": 77}})
    until(bundle, lambda data: data["memory"].get("cache", 0) >= 20 * MIB, "20 MiB in the file")
    data = data_of(bundle)
    assert data["memory"]["usage"]["limit"] == 64 * MIB
    assert data["memory"]["usage"]["max"] >= data["memory"]["usage"]["usage"]
    cache = data["memory"]["raw"]["cache" if cgroups.is_v1("memory") else "file"]
    assert data["memory"]["cache"] == cache >= 20 * MIB
    assert data["memory"]["events"]["oom_kill"] == 0
    assert data["pids"]["limit"] == 77
    assert data["cpuset"]["cpus"] == sorted(os.sched_getaffinity(0))


@pytest.mark.skipif(not cgroups.has_controller("cpu"), reason="no cpu controller here")
def test_throttling_shows(bundle):
    bundle.running({**shell(BUSY), "linux.resources.cpu": {"quota": 10000, "period": 100000}})
    until(bundle, lambda data: data["cpu"]["throttling"].get("throttledPeriods", 0) > 0,
          "a throttled period")
    throttling = data_of(bundle)["cpu"]["throttling"]
    assert throttling["periods"] >= throttling["throttledPeriods"]
    assert throttling["throttledTime"] > 0


def test_the_network_is_that_of_the_container(bundle):
    """A connection that nobody accepts takes two packets."""
    bundle.running(shell("while :; do nc 127.0.0.1 9 2> /dev/null; done"))
    until(bundle, lambda data: data["network_interfaces"][0]["RxBytes"] > 1000, "bytes over lo")
    interfaces = data_of(bundle)["network_interfaces"]
    assert [each["Name"] for each in interfaces] == ["lo"]
    assert list(interfaces[0]) == ["Name", "RxBytes", "RxPackets", "RxErrors", "RxDropped",
                                   "TxBytes", "TxPackets", "TxErrors", "TxDropped"]
    assert interfaces[0]["TxBytes"] > 1000 and interfaces[0]["TxPackets"] > 0


def test_the_hosts_network_is_not_the_containers(bundle):
    bundle.running({"linux.namespaces": namespaces("pid", "mount", "ipc", "uts")})
    assert data_of(bundle)["network_interfaces"] is None


def test_a_created_and_a_paused_container_have_statistics(bundle):
    bundle.configure()
    bundle.create().ok()
    assert data_of(bundle)["pids"]["current"] == 1
    cgroups.freeze(bundle.pid)
    assert data_of(bundle)["pids"]["current"] == 1


def test_a_container_without_a_cgroup_has_zeros(bundle):
    bundle.configure({"process.args": ["/bin/sleep", "1000"], "linux.cgroupsPath": ""})
    bundle.call("--cgroup-manager", "disabled", "run", "-d", "--bundle", bundle.path,
                bundle.id).ok()
    bundle.expect()
    data = data_of(bundle)
    assert data["pids"] == {} and data["cpu"]["usage"] == {"kernel": 0, "user": 0}


# ---- the stream ---------------------------------------------------------------------------------

@pytest.mark.sanitize
@pytest.mark.both_cgroup_hosts
def test_the_stream_ends_with_the_container(bundle, output_pipe):
    bundle.running()
    stream = Stream(bundle, output_pipe, "--interval", "20ms")
    for _ in range(3):
        event = stream.next()
        assert event["type"] == "stats" and event["id"] == bundle.id
    bundle.kill("KILL").ok()
    bundle.end()
    assert all(event["type"] == "stats" for event in stream.ends())


def test_the_stream_ends_when_the_container_is_deleted(bundle, output_pipe):
    bundle.running()
    stream = Stream(bundle, output_pipe, "--interval=20ms")
    stream.next()
    bundle.delete("--force").ok()
    assert all(event["data"]["pids"] for event in stream.ends())


def test_without_an_interval_nothing_comes_at_first(bundle, output_pipe):
    bundle.running()
    begin = time.monotonic()
    stream = Stream(bundle, output_pipe)
    processes.until(lambda: watched(stream.running.pid), "the watch is set up")
    bundle.kill("KILL").ok()
    bundle.end()
    assert len(stream.ends()) <= (time.monotonic() - begin) // 5


@LIMITED_MEMORY
def test_each_want_of_memory_is_told_at_once(bundle, output_pipe):
    """The container's first process lives on: only its children want more than there is."""
    bundle.configure({**shell("read go; tail /dev/zero; read go; tail /dev/zero; read go"),
                      "linux.resources.memory": {"limit": 16 * MIB, "swap": 16 * MIB}})
    stdin, go = os.pipe()
    try:
        bundle.create(stdin=stdin).ok()
        bundle.start().ok()
        stream = Stream(bundle, output_pipe, "--interval", "1h")
        processes.until(lambda: watched(stream.running.pid), "the watch is set up")
        for _ in range(2):
            os.write(go, b"\n")
            assert stream.next() == {"type": "oom", "id": bundle.id}
        os.write(go, b"\n")
        bundle.end()
        assert all(event == {"type": "oom", "id": bundle.id} for event in stream.ends())
    finally:
        os.close(stdin)
        os.close(go)


def watched(pid):
    """The timer is the last descriptor that is made before the watch begins."""
    links = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            links.append(os.readlink(f"/proc/{pid}/fd/{name}"))
        except FileNotFoundError:
            pass
    return "anon_inode:[timerfd]" in links


@LIMITED_MEMORY
def test_the_want_of_memory_that_ends_the_container_is_told(bundle, output_pipe):
    bundle.configure({"process.args": ["/bin/tail", "/dev/zero"],
                      "linux.resources.memory": {"limit": 16 * MIB, "swap": 16 * MIB}})
    bundle.create().ok()
    stream = Stream(bundle, output_pipe, "--interval", "1h")
    processes.until(lambda: watched(stream.running.pid), "the watch is set up")
    bundle.start().ok()
    assert bundle.end() == 137
    assert {"type": "oom", "id": bundle.id} in stream.ends()


def test_a_reader_that_goes_away_ends_the_stream(bundle, output_pipe):
    bundle.running()
    reader, writer = os.pipe()
    running = bundle.runtime.spawn("events", "--interval=10ms", bundle.id, stdout=writer,
                                   before=default_signals)
    os.close(writer)
    assert os.read(reader, 1)
    os.close(reader)
    assert running.wait().status == 128 + 13




# ---- mistakes -----------------------------------------------------------------------------------

@pytest.mark.parametrize("flags", [[], ["--stats"]])
def test_a_stopped_container_has_no_events(bundle, flags):
    bundle.configure()
    bundle.create().ok()
    bundle.start().ok()
    bundle.end()
    bundle.call("events", *flags, bundle.id).fails(m.said("events", bundle.id, m.NOT_RUNNING))


def test_a_container_that_is_not_there_has_no_events(bundle):
    bundle.call("events", "nobody").fails(m.said("events", "nobody", m.DOES_NOT_EXIST))


@pytest.mark.parametrize("interval", ["0", "0s", "-1s"])
def test_the_interval_must_be_some_time(bundle, interval):
    bundle.call("events", f"--interval={interval}", "x").fails(
        f"brig: events: {m.INTERVAL_NOT_POSITIVE}")


@pytest.mark.parametrize("interval", ["soon", "", "5x", "1s1"])
def test_the_interval_must_be_a_duration(bundle, interval):
    bundle.call("events", f"--interval={interval}", "x").fails(
        "brig: events: " + m.INTERVAL_NO_DURATION.format(word=interval))
