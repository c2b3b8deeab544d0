"""What a test must not leave: cgroups, mounts, processes, state, a changed host."""

import os

from harness import cgroups, host, processes


class Snapshot:
    """Taken before a test; `leaks()` after it names every difference."""

    def __init__(self, views=()):
        self.mounts = host.mountinfo()
        self.in_views = [(view, view.mountinfo()) for view in views]
        self.hostname = host.hostname()

    def leaks(self, bundles=()):
        left = left_processes()
        mounts = host.mountinfo()
        found = [f"cgroup {path}" for path in cgroups.leftovers()]
        found += [f"mount {line}" for line in mounts if line not in self.mounts]
        found += [f"mount is gone: {line}" for line in self.mounts if line not in mounts]
        for view, mounts in self.in_views:
            found += [f"mount {line}" for line in view.mountinfo() if line not in mounts]
        found += [f"process {pid}: {line}" for pid, line in left.items()]
        found += [f"state {path}" for path in leftover_state(bundles)]
        if host.hostname() != self.hostname:
            found.append(f"the host is called {host.hostname()} instead of {self.hostname}")
        return found

    def clean(self, bundles=()):
        """By force and not through the runtime, so that the next test starts from nothing."""
        for pid in processes.descendants():
            processes.kill(pid)
        # The first of a pid namespace ends only after those of it that we have to reap.
        processes.until(lambda: processes.reap() or not processes.descendants(), "the end of all")
        for path in cgroups.leftovers():
            if os.path.isdir(path):
                cgroups.remove(path)
        while left := [line for line in host.mountinfo() if line not in self.mounts]:
            host.unmount(left[-1].split()[4].encode().decode("unicode_escape"))
        for path in leftover_state(bundles):
            remove_tree(path)
        if host.hostname() != self.hostname:
            host.libc.sethostname(self.hostname.encode(), len(self.hostname))


def left_processes():
    """Those that nobody has ended. The first of a pid namespace is gone only after we have reaped
    what was adopted from there, so what is ending is waited for."""
    processes.reap()
    left = processes.descendants()

    def settled():
        nonlocal left
        if any(processes.is_ending(pid) for pid in left):
            processes.reap()
            left = processes.descendants()
        return not any(processes.is_ending(pid) for pid in left)
    try:
        processes.until(settled, "the end of what is ending")
    except processes.TimedOut:
        pass  # reported like any other that is left
    return left


def leftover_state(bundles):
    """Entries of the state directories; names with a leading dot are caches, not containers."""
    found = [os.path.join(bundle.state_root, name) for bundle in bundles
             for name in os.listdir(bundle.state_root) if not name.startswith(".")]
    for root in ("/run/brig",):
        if os.path.isdir(root):
            found += [os.path.join(root, name) for name in os.listdir(root)
                      if name.startswith(f"bt-{host.SESSION}-")]
    return found


def remove_tree(path):
    for folder, names, files in os.walk(path, topdown=False):
        for name in files:
            os.unlink(os.path.join(folder, name))
        for name in names:
            full = os.path.join(folder, name)
            os.unlink(full) if os.path.islink(full) else os.rmdir(full)
    os.rmdir(path)
