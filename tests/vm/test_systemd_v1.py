"""--cgroup-manager=systemd where systemd manages cgroup v1: tests/vm/run --cgroups hybrid (or v1)."""

import os
import subprocess

import pytest

from harness import cgroups, processes
from harness.bundle import Bundle

pytestmark = pytest.mark.skipif(not cgroups.is_v1("memory"), reason="a guest with cgroup v1")
LIMITS = {"memory": {"limit": 64 << 20}, "pids": {"limit": 77}, "cpu": {"shares": 512},
          "devices": [{"allow": False, "access": "rwm"}]}
DENIED = ["/bin/sh", "-c", "while true; do cat /dev/x 2>&1; read go < /mnt/go; done"]


@pytest.fixture
def bundle():
    made = Bundle()
    made.runtime.flags = ["--systemd-cgroup"]
    made.cgroup = f"/system.slice/x-{made.id}.scope"
    yield made
    assert made.close() == []
    assert cgroups.existing(made.cgroup) == []
    units = subprocess.run(["systemctl", "list-units", "--all", "--no-legend", f"x-{made.id}.scope"],
                           check=True, capture_output=True, text=True).stdout
    assert units == ""


def read(bundle, controller, name):
    return cgroups.read(controller, bundle.cgroup, name)


def test_limits_and_devices_outlive_a_reload(bundle):
    log = bundle.file("log")
    os.mkfifo(bundle.folder("shared") + "/go")
    bundle.configure({
        "linux.cgroupsPath": f"system.slice:x:{bundle.id}", "linux.resources": LIMITS,
        "linux.devices": [{"path": "/dev/x", "type": "c", "major": 4, "minor": 64}],
        "process.args": DENIED, "mounts+": [{
            "destination": "/mnt", "type": "bind", "source": bundle.path + "/shared",
            "options": ["rbind", "rw"]}]})
    with open(log, "w") as output:
        running = bundle.spawn_run(stdout=output.fileno())

    def refusals():
        with open(log) as file:
            return [line for line in file if "Operation not permitted" in line]

    def check():
        assert read(bundle, "memory", "memory.limit_in_bytes") == str(64 << 20)
        assert read(bundle, "pids", "pids.max") == "77"
        assert read(bundle, "cpu", "cpu.shares") == "512"
    processes.until(refusals, "the first refusal")
    check()
    assert len(cgroups.existing(bundle.cgroup)) == len(cgroups.hierarchies())
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    with open(bundle.path + "/shared/go", "w") as go:
        go.write("\n")
    processes.until(lambda: len(refusals()) == 2, "the refusal after the reload")
    check()
    bundle.kill("KILL").ok()
    running.wait().exits(137)
