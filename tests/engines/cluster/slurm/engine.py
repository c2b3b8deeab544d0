"""Slurm: a controller and two slurmd on machines of their own, whose tasks are containers."""

import io
import json
import os
import tarfile

from harness import cgroups
from rig import image
from rig.calls import call
from rig.daemons import Daemon
from rig.engine import Engine
from rig.place import program
from rig.steps import Steps
from rig.waiting import until
from cluster import machines
from cluster.slurm import tasks

SECONDS = 60
CONFIGURATION = """\
ClusterName=test
SlurmctldHost=node1({controller})
SlurmUser=root
AuthInfo=socket={folder}/munge.sock
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MessageTimeout=60
KillWait=2
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
NODE = "NodeName={name} NodeAddr={address} CPUs=8 RealMemory=1000\n"
# The documented pattern of oci.conf; `run` is the whole life of the container.
NAME = "%n.%u.%j.%s.%t"
PATTERNS = """\
RunTimeQuery="{runtime} state {name}"
RunTimeKill="{runtime} kill -a {name}"
RunTimeDelete="{runtime} delete --force {name}"
RunTimeRun="{runtime} run {name} -b %b"
"""


class Slurmd(Daemon):
    """A node: it is there when the controller says so, and not when it listens."""

    def __init__(self, slurm, machine):
        argv = [*machine.prefix(), program("slurmd"), "-D", "-N", machine.name]
        super().__init__(slurm.place, f"slurmd-{machine.name}", argv, slurm.munge.address,
                         slurm.settings)


class Slurm(Engine):
    name = "slurm"
    programs = ("slurmctld", "slurmd", "srun", "sbatch", "scancel", "munged", "ip", "nsenter")
    steps = Steps(tasks.steps)

    def start(self):
        self.folder = self.place.path("slurm")
        for name in ("state", "node1", "node2", "roots"):
            os.makedirs(f"{self.folder}/{name}")
        os.chmod(f"{self.folder}/roots", 0o1777)
        self.settings = {"SLURM_CONF": f"{self.folder}/slurm.conf"}
        self.machines = machines.connected(self.place)
        self.write_configuration()
        self.munge = self.start_munge()
        self.started = [Daemon(self.place, "slurmctld", [
            *self.machines[0].prefix(), program("slurmctld"), "-D", "-i"], self.munge.address,
            self.settings)] + [Slurmd(self, machine) for machine in self.machines]
        for daemon in self.started:
            daemon.start()
        for daemon in self.started[1:]:
            self.move_into_place(daemon.pid)
        self.bundle = self.make_bundle("bundle")
        until(lambda: self("sinfo", "-h", "-t", "idle", "-o", "%D").text == "2",
              "both nodes are idle", SECONDS)

    def write_configuration(self):
        text = CONFIGURATION.format(controller=self.machines[0].address, folder=self.folder)
        text += "".join(NODE.format(name=each.name, address=each.address)
                        for each in self.machines)
        self.place.write("slurm/slurm.conf", text)
        runtime = f"{self.runtime[1]} --rootless=true --root={self.folder}/roots/%u"
        self.place.write("slurm/oci.conf", PATTERNS.format(runtime=runtime, name=NAME))

    def start_munge(self):
        """One for all: its socket is a path, and the machines share their files."""
        key = f"{self.folder}/munge.key"
        with open(os.open(key, os.O_CREAT | os.O_WRONLY, 0o400), "wb") as file:
            file.write(os.urandom(128))
        files = [f"--{name}={self.folder}/munge.{name.split('-')[0]}"
                 for name in ("pid-file", "log-file", "seed-file")]
        address = f"{self.folder}/munge.sock"
        return Daemon(self.place, "munged", [
            *self.machines[0].prefix(), program("munged"), "--foreground", "--force",
            f"--socket={address}", f"--key-file={key}", *files], address).start()

    def move_into_place(self, pid):
        """A container without a path of cgroups goes below the cgroup of its caller. Where v2 has
        the controllers, a cgroup with processes may have no children with limits."""
        if not cgroups.is_v1("memory"):
            return
        for point in cgroups.hierarchies():
            os.makedirs(point + self.place.cgroup_parent, exist_ok=True)
            if os.path.exists(f"{point}/cpuset.cpus"):
                cgroups.inherit_cpuset(point, self.place.cgroup_parent)
            with open(f"{point}{self.place.cgroup_parent}/cgroup.procs", "w") as file:
                file.write(str(pid))

    def make_bundle(self, name, **changes):
        """What `spec` makes, with the network of the machine and without a terminal."""
        folder = f"{self.folder}/{name}"
        os.makedirs(f"{folder}/rootfs")
        with tarfile.open(fileobj=io.BytesIO(image.make_layer({}))) as layer:
            layer.extractall(f"{folder}/rootfs")
        call([self.runtime[1], "spec", "--bundle", folder, *changes.pop("spec", [])],
             self.place.environment()).ok()
        with open(f"{folder}/config.json") as file:
            config = json.load(file)
        config["process"]["terminal"] = False
        config["root"]["readonly"] = False
        config["linux"].pop("cgroupsPath", None)
        config["linux"]["namespaces"] = [each for each in config["linux"]["namespaces"]
                                         if each["type"] != "network"]
        config["linux"].update(changes)
        self.place.write(f"slurm/{name}/config.json", json.dumps(config))
        return folder

    def stop(self):
        for daemon in reversed(self.started):
            daemon.stop()
        self.munge.stop()
        machines.dismantle(self.place, self.machines)

    def version(self):
        return self("sinfo", "--version").ok().text.split()[-1]

    def command(self):
        return [*self.machines[0].prefix(), "env"]

    def environment(self):
        return self.place.environment({**self.settings, "TMPDIR": "/tmp"})

    def state_roots(self):
        roots = f"{self.folder}/roots"
        return [os.path.join(roots, user) for user in os.listdir(roots)]

    def has_containers(self):
        return bool(self("squeue", "-h").ok().text)

    def remove_all(self):
        self("scancel", "--user=root").ok()
        self("scancel", "--user=nobody").ok()
        until(lambda: not self.has_containers(), "no job is left", SECONDS)

    # ---- for steps --------------------------------------------------------------------------

    def run(self, *words, options=(), bundle=None, **call_options):
        """`srun`, with a container for each task."""
        return self("srun", "--quiet", f"--container={bundle or self.bundle}", *options, *words,
                    **call_options)
