"""What an engine's run must not leave: cgroups, mounts, state, interfaces and processes."""

import collections
import os
import re
import shutil
import socket

from harness import cgroups, processes
from rig import tree
from rig.waiting import until

# Where runtimes keep their containers when the engine does not say.
DEFAULT_STATE_ROOTS = ["/run/brig", "/run/runc", "/run/crun"]


class Snapshot:
    """Taken with no container; `leaks` names every difference since."""

    def __init__(self, engine):
        self.engine = engine
        self.mounts = mount_points(engine)
        self.processes = set(tree.orphans())

    def leaks(self):
        found = [f"cgroup {path}" for path in container_cgroups(self.engine)]
        found += [f"mount {point}" for point in mount_points(self.engine) - self.mounts
                  if not point.endswith(self.engine.own_mounts)]
        found += [f"interface {name}" for name in container_interfaces()]
        found += [f"process {pid}: {line}" for pid, line in tree.orphans().items()
                  if pid not in self.processes | self.engine.daemons()]
        found += [f"state {path}" for path in container_states(self.engine)]
        # Last, for it costs a process.
        return found or [f"unit {name}" for name in container_units(self.engine)]

    def wait_for_none(self, seconds=10):
        """Engines clean up after they have answered. What is still left after a while."""
        left = []

        def nothing_is_left():
            left[:] = self.leaks()
            return not left
        try:
            until(nothing_is_left, "nothing is left", seconds)
        except processes.TimedOut:
            pass
        return left

    def forgive(self):
        """Ends the processes that were left and takes the rest as given: the next step must not
        be blamed for it."""
        for pid in set(tree.orphans()) - self.processes - self.engine.daemons():
            processes.kill(pid)
            processes.wait_dead(pid)
        self.engine.place.systemd.forget(container_units(self.engine))
        for path in container_cgroups(self.engine):
            if os.path.isdir(path):
                cgroups.remove(path)
        for path in container_states(self.engine):
            shutil.rmtree(path, ignore_errors=True)
        self.mounts = mount_points(self.engine)


def mount_points(engine):
    """With each network namespace that an engine has pinned: those are mounts, too."""
    with open(f"/proc/{engine.namespaces_of}/mountinfo") as file:
        points = [line.split()[4] for line in file]
    return collections.Counter(point for point in points if point.startswith(engine.mounts_below))


def container_interfaces():
    """The outer ends of containers' interfaces; a bridge stays."""
    return [name for _, name in socket.if_nameindex() if name.startswith("veth")]


def container_cgroups(engine):
    """Below the place's parent. What the engine keeps for its own processes is not a container's."""
    found = []
    for parent in engine.place.cgroups():
        for folder, names, _ in os.walk(parent):
            found += [os.path.join(folder, name) for name in names
                      if not re.fullmatch(engine.own_cgroups, name)]
    return found


def container_units(engine):
    place = engine.place
    return place.systemd.failed_below(place.cgroup_parent) if place.driver == "systemd" else []


def container_states(engine):
    """Names with a leading dot are caches of the runtime, not containers."""
    return [os.path.join(root, name) for root in [*DEFAULT_STATE_ROOTS, *engine.state_roots()]
            if os.path.isdir(root) for name in os.listdir(root) if not name.startswith(".")]
