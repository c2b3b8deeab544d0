"""--cgroup-manager=systemd where systemd manages cgroup v1: tests/vm/run --cgroups hybrid (or v1)."""

import subprocess

import pytest

from harness import cgroups
from harness.bundle import Bundle

pytestmark = pytest.mark.skipif(not cgroups.is_v1("memory"), reason="a guest with cgroup v1")
LIMITS = {"memory": {"limit": 64 << 20}, "pids": {"limit": 77}, "cpu": {"shares": 512},
          "devices": [{"allow": False, "access": "rwm"}]}


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


def test_limits_and_devices_outlive_a_reload(bundle, serial_port):
    bundle.configure({**serial_port.config, "linux.resources": LIMITS,
                      "linux.cgroupsPath": f"system.slice:x:{bundle.id}"})
    bundle.expect()
    running = bundle.spawn_run(stdin=serial_port.stdin, stdout=serial_port.stdout)

    def check():
        assert serial_port.is_refused()
        assert read(bundle, "memory", "memory.limit_in_bytes") == str(64 << 20)
        assert read(bundle, "pids", "pids.max") == "77"
        assert read(bundle, "cpu", "cpu.shares") == "512"
    check()
    assert len(cgroups.existing(bundle.cgroup)) == len(cgroups.hierarchies())
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    check()
    bundle.kill("KILL").ok()
    running.wait().exits(137)
