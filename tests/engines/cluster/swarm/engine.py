"""A swarm of two dockerd, each with a containerd, a network and a host name of its own."""

import json

from harness import processes
from rig import image
from rig.calls import call
from rig.daemons import Daemon
from rig.engine import Engine
from rig.place import program
from rig.steps import Steps
from rig.waiting import TimedOut, until
from cluster import machines
from cluster.swarm import api, jobs, nodes, services

MANAGEMENT = 2377  # the port of the manager
SECONDS = 45
SERVE = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"]
# The outcome of a task that is over.
ENDS = ("complete", "failed", "shutdown", "rejected", "orphaned", "remove")


class Node(Daemon):
    """dockerd on a machine; it starts its own containerd."""

    def __init__(self, machine, runtime):
        self.machine, self.folder = machine, f"/run/{machine.name}"  # a task's socket is far below
        self.exec_root = f"{self.folder}/exec"
        place = machine.place
        settings = place.write(f"{machine.name}/daemon.json",
                               json.dumps(self.settings(place, *runtime), indent=2))
        argv = [*machine.prefix(), program("dockerd"), "--config-file", settings]
        super().__init__(place, f"dockerd-{machine.name}", argv, f"{self.folder}/docker.sock")

    def settings(self, place, name, path):
        return {
            "data-root": f"{self.folder}/data", "exec-root": self.exec_root,
            "pidfile": f"{self.folder}/docker.pid",
            "hosts": [f"unix://{self.folder}/docker.sock"],
            "exec-opts": [f"native.cgroupdriver={place.driver}"],
            "cgroup-parent": place.cgroup_parent,
            "default-runtime": name,
            **({} if name == "runc" else {"runtimes": {name: {"path": path}}}),
            # Raising a hard limit needs CAP_SYS_RESOURCE, which a root in a container may not have.
            "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 1024, "Soft": 1024}},
            # No network of the machines leads anywhere.
            "bridge": "none", "iptables": False, "ip6tables": False, "ip-masq": False,
            "ip-forward": False, "userland-proxy": False}

    @property
    def containerd(self):
        with open(f"{self.exec_root}/containerd/containerd.pid") as file:
            return int(file.read())

    def crash(self):
        """dockerd ends at once, and its containerd with it; containers stay."""
        containerd = self.containerd
        self.kill()
        processes.wait_dead(containerd)

    def get(self, path, **filters):
        return api.get(self.address, path, **filters)

    def containers(self):
        return self.get("/containers/json", status="running")


class Swarm(Engine):
    name = "swarm"
    own_mounts = ("/netns/default",)  # the machine's, pinned by the first `--network host`
    programs = ("dockerd", "docker", "containerd", "containerd-shim-runc-v2", "ip", "nsenter")
    steps = Steps(nodes.steps, services.steps, jobs.steps)

    def start(self):
        self.machines = machines.connected(self.place)
        self.nodes = [Node(machine, self.runtime).start() for machine in self.machines]
        self.manager, self.worker = self.nodes
        for node in self.nodes:
            self("load", "--input", self.archive(), node=node).ok()
        self.join()
        self.service(["--mode", "global"]).wait_for("node1", "node2")  # what comes with the first
        self.remove_all()

    def join(self):
        one, two = self.machines
        self("swarm", "init", "--advertise-addr", one.address,
             "--listen-addr", f"{one.address}:{MANAGEMENT}",
             "--dispatcher-heartbeat", "1s").ok()
        token = self("swarm", "join-token", "--quiet", "worker").ok().text
        self("swarm", "join", "--token", token, "--advertise-addr", two.address,
             "--listen-addr", f"{two.address}:{MANAGEMENT}", f"{one.address}:{MANAGEMENT}",
             node=self.worker).ok()
        self.wait(lambda: self.ready() == ["node1", "node2"], "both nodes are ready")

    def stop(self):
        for node in (self.worker, self.manager):
            self("swarm", "leave", "--force", node=node)
            node.stop()
        machines.dismantle(self.place, self.machines)

    def version(self):
        return self("version", "--format", "{{.Server.Version}}").ok().text

    def __call__(self, *words, node=None, **options):
        environment = self.place.environment({
            "DOCKER_HOST": f"unix://{(node or self.manager).address}",
            "DOCKER_CONFIG": self.place.path("home/.docker")})
        return call([program("docker"), *words], environment, **options)

    def state_roots(self):
        roots = [[f"{node.exec_root}/runtime-{name}/moby" for name in ("runc", "brig")] +
                 [f"{node.exec_root}/containerd/daemon/io.containerd.runtime.v2.task/moby"]
                 for node in self.nodes]
        return [each for of_node in roots for each in of_node]

    def has_containers(self):
        return bool(self.manager.get("/services"))

    def remove_all(self):
        services = [each["ID"] for each in self.manager.get("/services")]
        if services:
            self("service", "rm", *services).ok()
        self.wait(lambda: not any(node.containers() for node in self.nodes),
                  "the tasks of removed services end")
        for kind in ("network", "secret", "config"):
            names = self(kind, "ls", "--quiet", "--filter", "label=test").ok().text.split()
            if names:
                until(lambda: self(kind, "rm", *names).status == 0, f"{kind}s are removed", SECONDS)

    # ---- for steps --------------------------------------------------------------------------

    def wait(self, condition, what):
        try:
            until(condition, what, SECONDS)
        except TimedOut as late:
            raise AssertionError(f"{late}\n{self.all_tasks()}") from None

    def all_tasks(self):
        names = self.node_names()
        return "\n".join(f"{task['DesiredState']} {task['Status']['State']} "
                         f"{names.get(task.get('NodeID'))} {task['Status'].get('Err', '')}"
                         for task in self.manager.get("/tasks"))

    def ready(self):
        return sorted(each["Description"]["Hostname"] for each in self.manager.get("/nodes")
                      if each["Status"]["State"] == "ready")

    def node_names(self):
        return {each["ID"]: each["Description"]["Hostname"] for each in self.manager.get("/nodes")}

    def service(self, options, *command):
        """A service on the network of its machines, if the options do not name another."""
        name = self.new_name()
        network = [] if "--network" in options else ["--network", "host"]
        self("service", "create", "--detach", "--quiet", "--no-resolve-image", "--name", name,
             *network, *options, image.NAME, *(command or SERVE)).ok()
        return Service(self, name)


class Service:
    def __init__(self, swarm, name):
        self.swarm, self.name = swarm, name

    def tasks(self):
        return self.swarm.manager.get("/tasks", service=self.name)

    def running(self):
        """The running tasks: {id: name of the node}."""
        names = self.swarm.node_names()
        return {task["ID"]: names[task["NodeID"]] for task in self.tasks()
                if task["Status"]["State"] == "running" and task["DesiredState"] == "running"}

    def wait_for(self, *where):
        """Until its running tasks are on these nodes, and on no others."""
        self.swarm.wait(lambda: sorted(self.running().values()) == sorted(where),
                        f"{self.name} runs on {where}")
        return self

    def ends(self):
        """How its tasks ended: state, exit status and class of the error."""
        return sorted(f"{task['Status']['State']} "
                      f"{task['Status'].get('ContainerStatus', {}).get('ExitCode', '-')}"
                      for task in self.tasks() if task["Status"]["State"] in ENDS)

    def errors(self):
        return [task["Status"].get("Err", "") for task in self.tasks()]

    def wait_for_ends(self, count):
        self.swarm.wait(lambda: len(self.ends()) >= count,
                        f"{count} tasks of {self.name} end")
        return self.ends()

    def containers(self):
        """{name of the node: [container]} of what dockerd says is running."""
        return {node.machine.name: [each for each in node.containers()
                                    if each["Labels"]["com.docker.swarm.service.name"] == self.name]
                for node in self.swarm.nodes}

    def inspected(self):
        return [self.inspect(each["Id"], node)
                for node in self.swarm.nodes for each in self.containers()[node.machine.name]]

    def pids(self):
        """The process of each container, as the host knows it."""
        return [each["State"]["Pid"] for each in self.inspected()]

    def inspect(self, container, node):
        return node.get(f"/containers/{container}/json")

    def exec(self, node, *words):
        [container] = self.containers()[node.machine.name]
        return self.swarm("exec", container["Id"], *words, node=node)

    def update(self, *options):
        return self.swarm("service", "update", "--detach", "--quiet", *options, self.name)

    def wait_for_update(self, wanted="completed"):
        def state():
            [service] = self.swarm.manager.get("/services", name=self.name)
            return service.get("UpdateStatus", {}).get("State")
        self.swarm.wait(lambda: state() == wanted, f"the update of {self.name} is {wanted}")
        return wanted
