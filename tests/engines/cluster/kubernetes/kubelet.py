"""What a kubelet does with containerd's CRI plugin: pods, and the containers in them."""

import json
import os
import re

from rig import image
from rig.waiting import until
from cluster.kubernetes import cri

IMAGE = image.NAME
PAUSE_IMAGE = "localhost/pause:latest"
SECONDS = 30
SLEEP = ["sleep", "1000"]
STATUS = ["cat", "/proc/self/status"]
UNTIL_TERM = ["sh", "-c", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.1; done"]


class Pod:
    """A running pod sandbox. `linux` is added to its LinuxPodSandboxConfig."""

    def __init__(self, node, name, network="NODE", pid="CONTAINER", handler=None, linux=None,
                 **config):
        self.node = node
        self.logs = node.place.path("pod-logs", name)
        self.namespaces = {"network": network, "pid": pid, "ipc": "POD"}
        linux = dict(linux or {})
        linux.setdefault("cgroup_parent", node.place.cgroup_parent)
        linux["security_context"] = {"namespace_options": self.namespaces,
                                     **linux.get("security_context", {})}
        self.config = {"metadata": {"name": name, "uid": f"uid-{name}", "namespace": "default"},
                       "log_directory": self.logs, "linux": linux, **config}
        self.id = node.client.RunPodSandbox(
            config=self.config, runtime_handler=handler or node.handler).pod_sandbox_id

    @property
    def cri(self):
        return self.node.client

    def create(self, name, *command, security=None, resources=None, **config):
        """A created container; `security`: of its security context."""
        linux = {"resources": resources or {},
                 "security_context": {"namespace_options": self.namespaces, **(security or {})}}
        settings = {"metadata": {"name": name}, "image": {"image": IMAGE}, "command": command,
                    "log_path": f"{name}.log", "linux": linux, **config}
        return Container(self, self.cri.CreateContainer(
            pod_sandbox_id=self.id, sandbox_config=self.config, config=settings).container_id)

    def run(self, name, *command, **config):
        return self.create(name, *command, **config).start()

    def output(self, name, *command, **config):
        """What a container that ends by itself has written; its status has to be 0."""
        container = self.run(name, *command, **config)
        container.wait()
        status = container.status()
        assert status.exit_code == 0, f"{command}: {status}\n{container.log()}"
        return container.log()

    def status(self, verbose=False):
        return self.cri.PodSandboxStatus(pod_sandbox_id=self.id, verbose=verbose)

    @property
    def state(self):
        return self.node.messages.PodSandboxState.Name(self.status().status.state)

    @property
    def pid(self):
        return json.loads(self.status(verbose=True).info["info"])["pid"]

    def stop(self):
        self.cri.StopPodSandbox(pod_sandbox_id=self.id)

    def remove(self):
        self.stop()
        self.cri.RemovePodSandbox(pod_sandbox_id=self.id)


class Container:
    def __init__(self, pod, identifier):
        self.pod, self.id = pod, identifier

    @property
    def cri(self):
        return self.pod.node.client

    def start(self):
        self.cri.StartContainer(container_id=self.id)
        return self

    def exec(self, *command, seconds=SECONDS):
        return Executed(self.cri.ExecSync(container_id=self.id, cmd=command, timeout=seconds))

    def says(self, *command):
        return self.exec(*command).ok().stdout

    def status(self):
        return self.cri.ContainerStatus(container_id=self.id).status

    @property
    def state(self):
        return self.pod.node.messages.ContainerState.Name(self.status().state)

    @property
    def pid(self):
        answer = self.cri.ContainerStatus(container_id=self.id, verbose=True)
        return json.loads(answer.info["info"])["pid"]

    def stop(self, seconds=0):
        self.cri.StopContainer(container_id=self.id, timeout=seconds)

    def remove(self):
        self.cri.RemoveContainer(container_id=self.id)

    def wait(self):
        """Until it has exited: a kubelet has nothing to wait on either."""
        until(lambda: self.state == "CONTAINER_EXITED", f"container {self.id} exits", SECONDS)
        return self

    @property
    def end(self):
        """How it ended, as `kubectl describe` shows it."""
        status = self.status()
        return f"{self.state} {status.exit_code} {status.reason}"

    def log(self):
        """What it wrote, without the time and the tags of the kubelet's log format."""
        with open(self.pod.logs + "/" + os.path.basename(self.status().log_path)) as file:
            lines = [re.fullmatch(r"\S+Z (stdout|stderr) ([FP]) (.*)", line.rstrip("\n"))
                     for line in file]
        assert all(lines), f"not the log format of the CRI: {self.status().log_path}"
        return "".join(line[3] + ("\n" if line[2] == "F" else "") for line in lines)


class Executed:
    def __init__(self, answer):
        self.status = answer.exit_code
        self.stdout, self.stderr = answer.stdout.decode(), answer.stderr.decode()

    def __str__(self):
        return f"exit {self.status}\nstdout: {self.stdout}\nstderr: {self.stderr}"

    def ok(self):
        assert self.status == 0, str(self)
        return self


def refusal(call, *words, **options):
    """The failure of a call that has to fail."""
    try:
        call(*words, **options)
    except cri.Refused as refused:
        return refused
    raise AssertionError(f"{call} with {words} {options} was not refused")


def namespaces_of(pid):
    return {name: os.readlink(f"/proc/{pid}/ns/{name}")
            for name in ("ipc", "mnt", "net", "pid", "uts")}


def shared(first, second):
    """The names of the namespaces that two processes of the host have in common."""
    first, second = namespaces_of(first), namespaces_of(second)
    return " ".join(sorted(name for name in first if first[name] == second[name]))
