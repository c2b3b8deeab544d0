"""Kubernetes' node: containerd's CRI plugin, with the calls of a kubelet.

The column's runtime and runc are two handlers of one containerd, as RuntimeClass objects choose
between them.
"""

import importlib.util
import os

from harness import host
from rig import image
from rig.calls import call
from rig.daemons import Containerd
from rig.engine import Engine
from rig.place import program
from rig.steps import NotHere, Steps
from rig.waiting import until
from cluster.kubernetes import (cri, exec_, given, life, limits, node, pods, security, sharing)
from cluster.kubernetes.kubelet import PAUSE_IMAGE, SECONDS, Pod

PLUGIN = 'plugins."io.containerd.grpc.v1.cri"'
CNI = "/usr/lib/cni"  # where Debian's containernetworking-plugins are
NETWORK = """\
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "ptp", "ipam": {"type": "host-local", "subnet": "10.88.0.0/24", "dataDir": "%s"}}]}
"""


class Kubernetes(Engine):
    name = "kubernetes"
    programs = ("containerd", "containerd-shim-runc-v2", "ctr", "protoc")
    steps = Steps(pods.steps, life.steps, exec_.steps, sharing.steps, given.steps, limits.steps,
                  security.steps, node.steps)
    handler = "tested"

    def start(self):
        self.own_sysfs()
        self.messages = cri.messages_in(self.place.path("tmp"))
        self.networks = os.path.exists(f"{CNI}/ptp")
        if self.networks:
            self.place.write("cni/10-pods.conflist", NETWORK % self.place.path("cni-leases"))
        self.daemon = Containerd(self.place, config=self.configuration(), cri=True).start()
        self.connect()
        ctr = [program("ctr"), "--address", self.daemon.address, "--namespace", "k8s.io"]
        for archive in (self.archive(), self.pause_archive()):
            call([*ctr, "images", "import", archive], self.environment()).ok()

    def own_sysfs(self):
        """The first mount of a network namespace's sysfs decides whether any can be writable. On a
        machine it is the machine's, here it would be that of a container, which is read-only."""
        folder = self.place.path("sysfs")
        os.mkdir(folder)
        host.mount("sysfs", folder, "sysfs")

    def connect(self):
        """containerd listens before its CRI plugin has looked at what it finds."""
        self.client = cri.Client(self.messages, self.daemon.address, 60 * host.PATIENCE)
        until(self.is_ready, "the CRI plugin is ready", SECONDS)

    def is_ready(self):
        try:
            return bool(self.client.Status().status.conditions)
        except cri.Refused:
            return False

    def configuration(self):
        handlers = "".join(f"""
[{PLUGIN}.containerd.runtimes.{name}]
  runtime_type = "io.containerd.runc.v2"
  [{PLUGIN}.containerd.runtimes.{name}.options]
    BinaryName = "{path}"
    Root = "{self.runtime_root()}"
    SystemdCgroup = {"true" if self.place.driver == "systemd" else "false"}
""" for name, path in ((self.handler, self.runtime[1]), ("runc", program("runc"))))
        return f"""\
[{PLUGIN}]
  sandbox_image = "{PAUSE_IMAGE}"
  # Lowering a score needs CAP_SYS_RESOURCE, which a root in a container may not have.
  restrict_oom_score_adj = true
[{PLUGIN}.cni]
  bin_dir = "{CNI}"
  conf_dir = "{self.place.path("cni")}"
[{PLUGIN}.containerd]
  default_runtime_name = "runc"
{handlers}"""

    def pause_archive(self):
        return image.make_archive(self.place.path("pause.tar"), PAUSE_IMAGE,
                                  ["/bin/sleep", "infinity"])

    def stop(self):
        self.client.close()
        self.daemon.stop()
        host.unmount(self.place.path("sysfs"))

    def restart(self, meanwhile=lambda: None):
        """containerd ends and comes back, as in an upgrade; `meanwhile` happens in between."""
        self.client.close()
        self.daemon.stop()
        meanwhile()
        self.daemon.start()
        self.snapshot.processes.add(self.daemon.pid)
        self.connect()

    def version(self):
        return self.client.Version().runtime_version

    def runtime_root(self):
        return self.place.path("state")

    def state_roots(self):
        return [self.runtime_root() + "/k8s.io",
                f"{self.daemon.state}/io.containerd.runtime.v2.task/k8s.io",
                f"{self.daemon.state}/io.containerd.grpc.v1.cri/sandboxes"]

    def has_containers(self):
        return bool(self.client.ListPodSandbox().items)

    def remove_all(self):
        for pod in self.client.ListPodSandbox().items:
            self.client.StopPodSandbox(pod_sandbox_id=pod.id)
            self.client.RemovePodSandbox(pod_sandbox_id=pod.id)

    @classmethod
    def missing(cls):
        modules = {"grpc": "python3-grpcio", "google.protobuf": "python3-protobuf"}
        return super().missing() + [package for module, package in modules.items()
                                    if not is_importable(module)]

    # ---- for steps --------------------------------------------------------------------------

    def pod(self, network="NODE", **config):
        """A pod; "POD" gives it a network of its own, which needs the CNI plugins."""
        if network == "POD" and not self.networks:
            raise NotHere(f"no CNI plugins in {CNI}")
        return Pod(self, self.new_name(), network=network, **config)

    def container(self, *command, **config):
        """A running container in a pod of its own."""
        return self.pod().run("main", *command, **config)


def is_importable(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of the package it is in
        return False
