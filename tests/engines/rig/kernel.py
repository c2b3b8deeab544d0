"""What the kernel says of a container's process, seen from outside."""

import os

from harness import cgroups, processes

# {limit: (v1 controller, v1 file, v2 file)}
LIMITS = {"memory": ("memory", "memory.limit_in_bytes", "memory.max"),
          "swap": ("memory", "memory.memsw.limit_in_bytes", "memory.swap.max"),
          "pids": ("pids", "pids.max", "pids.max"),
          "quota": ("cpu", "cpu.cfs_quota_us", "cpu.max"),
          "shares": ("cpu", "cpu.shares", "cpu.weight"),
          "cpus": ("cpuset", "cpuset.cpus", "cpuset.cpus")}


def limits(pid, *names):
    """The limits of the cgroup that the process is in: "memory 33554432, quota 50000"."""
    paths = cgroups.of_process(pid)
    found = []
    for name in names:
        controller, v1_file, v2_file = LIMITS[name]
        on_v1 = cgroups.is_v1(controller)
        path = paths[controller if on_v1 else ""]
        value = cgroups.read(controller if on_v1 else "", path, v1_file if on_v1 else v2_file)
        found.append(f"{name} {value}")
    return ", ".join(found)


def monitor_of(pid, name):
    """The process above `pid` whose program starts with `name`."""
    while pid > 1:
        pid = int(processes.stat_fields(pid)[1])
        if os.path.basename(os.readlink(f"/proc/{pid}/exe")).startswith(name):
            return pid
    raise AssertionError(f"no {name} above the container's process")


def kill_monitor_of(pid, name):
    monitor = monitor_of(pid, name)
    processes.kill(monitor)
    processes.wait_dead(monitor)
