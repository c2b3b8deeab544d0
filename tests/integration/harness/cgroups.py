"""The cgroup hierarchies of this host: v1, hybrid or v2."""

import contextlib
import errno
import os

from harness import host, processes

V1_HIERARCHIES = "/sys/fs/cgroup"


def hierarchies():
    """{mount point: set of controllers}; the v2 hierarchy has the controller ''."""
    found = {}
    for line in host.mountinfo():
        before, _, after = line.partition(" - ")
        point = before.split()[4]
        kind, _, options = after.split(" ", 2)
        if kind == "cgroup2":
            found[point] = {""}
        elif kind == "cgroup":
            found[point] = {each for each in options.split(",")
                            if each not in ("rw", "ro", "xattr", "none")
                            and not each.startswith("release_agent=")}
    return found


def mount_point(controller):
    for point, controllers in hierarchies().items():
        if controller in controllers:
            return point
    return None


def is_v1(controller):
    return mount_point(controller) is not None


def v2_controllers():
    point = mount_point("")
    if point is None:
        return []
    with open(point + "/cgroup.controllers") as file:
        return file.read().split()


def has_controller(name):
    return is_v1(name) or name in v2_controllers()


def directory(controller, path):
    return mount_point(controller) + path


def read(controller, path, name):
    with open(os.path.join(directory(controller, path), name)) as file:
        return file.read().strip()


def write(controller, path, name, text):
    with open(os.path.join(directory(controller, path), name), "w") as file:
        file.write(text)


def existing(path):
    """Where this cgroup exists, over every hierarchy."""
    return [point + path for point in hierarchies() if os.path.isdir(point + path)]


def leftovers():
    """Cgroups of this session's containers, wherever a runtime has put them."""
    return [path for point in hierarchies() for path in below(point)
            if os.path.basename(path).startswith(f"bt-{host.SESSION}-")
            or os.path.basename(os.path.dirname(path)) == host.SESSION]


def below(folder):
    """Every cgroup below this one, the outer ones first; other sessions remove theirs meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        # A cgroup has a link from each child: one that has only its own two need not be listed.
        if os.stat(folder).st_nlink > 2:
            for entry in os.scandir(folder):
                if entry.is_dir(follow_symlinks=False):
                    yield entry.path
                    yield from below(entry.path)


def members(folder):
    """The processes there; a threaded cgroup names only threads, the first of a process like it."""
    for name in ("cgroup.procs", "cgroup.threads"):
        try:
            with open(os.path.join(folder, name)) as file:
                return [int(pid) for pid in file.read().split()]
        except OSError as refused:
            if refused.errno != errno.EOPNOTSUPP:
                raise
    raise AssertionError(f"{folder} does not say who is in it")


def remove(folder):
    for child, _, _ in os.walk(folder, topdown=False):
        for pid in members(child):
            processes.kill(pid)
            processes.wait_dead(pid)
        os.rmdir(child)


def of_process(pid):
    """{controller: path}, from /proc/PID/cgroup."""
    found = {}
    with open(f"/proc/{pid}/cgroup") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            found.update({controller: path for controller in controllers.split(",")})
    return found


def freeze(pid):
    """As `pause` will: the v1 freezer, or cgroup.freeze where only the v2 tree holds the process."""
    paths = of_process(pid)
    if paths.get("freezer", "/") != "/":
        name, on, state, frozen = "freezer", "FROZEN", "freezer.state", "FROZEN"
    else:
        name, on, state, frozen = "", "1", "cgroup.events", "frozen 1"
    write(name, paths[name], "freezer.state" if name else "cgroup.freeze", on)
    processes.until(lambda: frozen in read(name, paths[name], state), f"{paths[name]} is frozen")


def make_parent():
    """The session's own level, so that parallel sessions do not remove each other's parents."""
    for point in hierarchies():
        make_folder(point + host.CGROUP_PARENT)
        if os.path.exists(f"{point}/cpuset.cpus"):
            for level in (os.path.dirname(host.CGROUP_PARENT), host.CGROUP_PARENT):
                inherit_cpuset(point, level)


def make_folder(path):
    """Again when a session that ended has just removed the level above."""
    try:
        os.makedirs(path, exist_ok=True)
    except FileNotFoundError:
        make_folder(path)


def inherit_cpuset(point, path):
    for name in ("cpuset.cpus", "cpuset.mems"):
        with open(f"{point}{os.path.dirname(path).rstrip('/')}/{name}") as file:
            value = file.read().strip()
        with open(f"{point}{path}/{name}", "w") as file:
            file.write(value)


def remove_parent():
    for point in hierarchies():
        for level in (host.CGROUP_PARENT, os.path.dirname(host.CGROUP_PARENT)):
            try:
                os.rmdir(point + level)
            except OSError:
                break  # a parallel session still uses it
