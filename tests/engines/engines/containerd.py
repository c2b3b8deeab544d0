"""containerd, driven by ctr."""

import os
import re

from harness import processes
from rig import calls, image, kernel
from rig.daemons import Containerd
from rig.engine import Engine
from rig.place import program
from rig.steps import Steps
from rig.waiting import until

steps = Steps()
NAMESPACE = "default"


class Ctr(Engine):
    name = "containerd"
    programs = ("containerd", "ctr", "containerd-shim-runc-v2")
    steps = steps

    def start(self):
        self.daemon = Containerd(self.place).start()
        self("images", "import", "--snapshotter", "overlayfs", self.archive()).ok()

    def stop(self):
        self.daemon.stop()

    def version(self):
        return self("version").ok().text.split("Version:")[1].split()[0]

    def command(self):
        return [program("ctr"), "--address", self.daemon.address, "--namespace", NAMESPACE]

    def state_roots(self):
        return [self.runtime_root(),
                f"{self.daemon.state}/io.containerd.runtime.v2.task/{NAMESPACE}"]

    def runtime_root(self):
        return self.place.path("state", NAMESPACE)

    def remove_all(self):
        for name in self("containers", "ls", "-q").ok().text.split():
            self("tasks", "delete", "--force", name)
            self("containers", "rm", name).ok()

    # ---- for steps --------------------------------------------------------------------------

    def run(self, *words, options=(), name=None, **call):
        """`ctr run OPTIONS IMAGE NAME WORDS`; removed afterwards, unless detached."""
        return self("run", *self.run_options(*options), image.NAME, name or self.new_name(),
                    *words, **call)

    def run_options(self, *options):
        name = [] if {"-d", "--detach"} & set(options) else ["--rm"]
        driver = ["--runc-systemd-cgroup"] if self.place.driver == "systemd" else []
        return [*name, "--snapshotter", "overlayfs", "--runc-binary", self.runtime[1],
                "--runc-root", self.place.path("state"), *driver,
                "--cgroup", self.cgroup(), *options]

    def cgroup(self):
        name = f"engine{next(self._names)}"
        if self.place.driver == "systemd":  # whose units have one namespace: both columns are in it
            return f"{self.place.cgroup_parent}:{self.place.name}:{name}"
        return f"{self.place.cgroup_parent}/{name}"

    def running(self, *options):
        """A container that sleeps until it is removed."""
        name = self.new_name()
        self.run("sleep", "1000", options=["-d", *options], name=name).ok()
        return name

    def status(self, name):
        return re.search(rf"^{name}\s+\d+\s+(\S+)", self("tasks", "ls").ok().stdout, re.M)[1]

    def wait_for_end(self, name):
        until(lambda: self.status(name) == "STOPPED", f"{name} has stopped", 10)

    def pid(self, name):
        return int(re.search(rf"^{name}\s+(\d+)", self("tasks", "ls").ok().stdout, re.M)[1])


@steps.step
def output(ctr):
    return ctr.run("echo", "hello").ok("hello").text


@steps.step
def exit_code(ctr):
    return ctr.run("sh", "-c", "exit 32").exits(32).failure


@steps.step
def program_that_is_not_there(ctr):
    return ctr.run("/no/such").exits(1).failure


@steps.step
def name_that_is_not_there(ctr):
    return ctr.run("no-such-program").exits(1).failure


@steps.step
def program_that_is_a_folder(ctr):
    return ctr.run("/etc").exits(1).failure


@steps.step
def terminal(ctr):
    with ctr.terminal("run", *ctr.run_options("-t"), image.NAME, ctr.new_name(), "sh",
                      rows=33, columns=99) as person:
        # The shim sets the size when the shell may be running already.
        person.send(b"until stty size | grep '33 99'; do sleep 0.1; done; tty\n")
        person.expect(b"\n33 99")
        person.expect(b"/dev/pts/0")
        person.send(b"exit 5\n")
        return f"exit {person.wait()}"


@steps.step
def read_only(ctr):
    return ctr.run("touch", "/file", options=["--read-only"]).exits(1).failure


@steps.step
def no_pivot(ctr):
    return ctr.run("ls", "/", options=["--no-pivot"]).ok().text.replace("\n", " ")


@steps.step
def mount(ctr):
    folder = ctr.place.path("shared")
    os.makedirs(folder, exist_ok=True)
    ctr.run("touch", "/mnt/made", options=[
        "--mount", f"type=bind,src={folder},dst=/mnt,options=rbind:rw"]).ok()
    return " ".join(os.listdir(folder))


@steps.step
def network_namespace(ctr):
    """One that has a name, which the container joins."""
    ctr.place.run("ip", "netns", "add", "joined")
    try:
        inside = ctr.run("readlink", "/proc/self/ns/net", options=[
            "--with-ns", "network:/run/netns/joined"]).ok().text
        outside = ctr.place.run("ip", "netns", "exec", "joined", "readlink", "/proc/self/ns/net")
        assert inside == outside.strip(), f"{inside} is not {outside}"
    finally:
        ctr.place.run("ip", "netns", "del", "joined")


@steps.step
def detached(ctr):
    name = ctr.running()
    status = ctr.status(name)
    ctr("tasks", "kill", "--signal", "SIGKILL", name).ok()
    ctr.wait_for_end(name)
    return f"{status}, then {ctr('tasks', 'delete', name).failure}"


@steps.step
def null_io(ctr):
    name = ctr.running("--null-io")
    return ctr("tasks", "exec", "--exec-id", "e", name, "readlink", "/proc/1/fd/1").ok().text


@steps.step
def exec_(ctr):
    name = ctr.running()
    said = ctr("tasks", "exec", "--exec-id", "e1", name, "sh", "-c", "echo out; exit 9").exits(9)
    return f"{said.text}, {said.failure}"


@steps.step
def exec_as_a_user(ctr):
    return ctr("tasks", "exec", "--exec-id", "e1", "--user", "1000:1000", ctr.running(), "id"
               ).ok().text


@steps.step
def exec_with_terminal(ctr):
    name = ctr.running()
    with ctr.terminal(*("tasks", "exec", "-t", "--exec-id", "e1", name, "sh")) as person:
        person.send(b"tty\n")
        person.expect(b"/dev/pts/")
        person.send(b"exit 6\n")
        return f"exit {person.wait()}"


@steps.step
def exec_of_a_program_that_is_not_there(ctr):
    return ctr("tasks", "exec", "--exec-id", "e1", ctr.running(), "/no/such").exits(1).failure


@steps.step
def exec_detached(ctr):
    name = ctr.running()
    ctr("tasks", "exec", "-d", "--exec-id", "e1", name, "sleep", "999").ok()
    count = ctr("tasks", "exec", "--exec-id", "e2", name, "ps", "-o", "args"
               ).ok().shows("^sleep 999").text.count("sleep")
    return f"{count} processes"


@steps.step
def pause(ctr):
    name = ctr.running()
    ctr("tasks", "pause", name).ok()
    paused = ctr.status(name)
    ctr("tasks", "resume", name).ok()
    return f"{paused}, then {ctr.status(name)}"


@steps.step
def kill_while_paused(ctr):
    name = ctr.running()
    ctr("tasks", "pause", name).ok()
    ctr("tasks", "kill", "--signal", "SIGKILL", name).ok()
    ctr("tasks", "resume", name)
    ctr.wait_for_end(name)
    return ctr("tasks", "delete", name).failure


@steps.step
def kill_of_all(ctr):
    name = ctr.running()
    ctr("tasks", "exec", "-d", "--exec-id", "e1", name, "sleep", "999").ok()
    ctr("tasks", "kill", "--all", "--signal", "SIGKILL", name).ok()
    ctr.wait_for_end(name)
    return ctr("tasks", "delete", name).failure


@steps.step
def kill_of_one_that_has_ended(ctr):
    name = ctr.running()
    ctr("tasks", "kill", "--signal", "SIGKILL", name).ok()
    ctr.wait_for_end(name)
    return ctr("tasks", "kill", name).failure


@steps.step
def ps(ctr):
    name = ctr.running()
    ctr("tasks", "exec", "-d", "--exec-id", "e1", name, "sleep", "999").ok()
    lines = ctr("tasks", "ps", name).ok().text.splitlines()
    return f"{lines[0].split()[0]} and {len(lines) - 1} processes"


@steps.step
def metrics(ctr):
    """Read by the shim from the cgroup that the runtime made."""
    name = ctr.running("--memory-limit", "33554432")
    said = ctr("tasks", "metrics", "--format", "table", name).ok()
    return " ".join(line.split()[0] for line in said.stdout.splitlines()
                    if line and re.match(r"memory|pids|cpu", line))


@steps.step
def limits(ctr):
    name = ctr.running("--memory-limit", "33554432", "--cpus", "0.5")
    return kernel.limits(ctr.pid(name), "memory", "quota")


@steps.step
def out_of_memory(ctr):
    return ctr.run("sh", "-c", "x=$(tail /dev/zero); echo $?", options=[
        "--memory-limit", "16777216"]).text


@steps.step
def seccomp(ctr):
    return ctr.run("sh", "-c", "grep Seccomp: /proc/self/status; unshare -m true",
                   options=["--seccomp"]).failure


@steps.step
def privileged(ctr):
    return ctr.run("grep", "CapBnd", "/proc/self/status", options=["--privileged"]).ok().text


@steps.step
def delete_of_a_running_one(ctr):
    name = ctr.running()
    said = ctr("tasks", "delete", name)
    ctr("tasks", "delete", "--force", name).ok()
    return said.failure


@steps.step
def killed_shim(ctr):
    """containerd sees it and removes the container by `delete --force`, with its process."""
    name = ctr.running()
    init = ctr.pid(name)
    kernel.kill_monitor_of(init, "containerd-shim")
    processes.wait_dead(init, calls.DEADLINE)
    return f"exit of the task's deletion: {ctr('tasks', 'delete', '--force', name).status}"
