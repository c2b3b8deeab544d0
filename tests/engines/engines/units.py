"""Units of systemd with Type=notify: Podman's Quadlet, and a unit that calls the runtime itself.

They belong to the machine's systemd, so Podman is called in its namespaces, and the storage, the
bundles and the units are the machine's: in folders of this session, and below a slice of the place.
"""

import io
import json
import os
import shutil
import subprocess
import tarfile

from harness import cgroups, host, processes, spec
from rig import image
from rig.place import program
from rig.steps import Steps
from rig.waiting import until
from engines import podman

steps = Steps()

# A program that is not ready before somebody has written to the fifo, and one that is at once.
GATED = ("trap 'exit 4' TERM; touch /gate/started; read word </gate/fifo; notify READY=1 exit; "
         "while :; do sleep 0.05; done")
READY = "trap 'exit 4' TERM; notify READY=1 exit; while :; do sleep 0.05; done"

QUADLET = """\
[Container]
Image={image}
ContainerName={name}
Network=none
Notify=true
Volume={gate}:/gate
GlobalArgs={flags}
Exec=sh -c "{program}"

[Service]
Environment=CONTAINERS_CONF={configuration}
Slice={slice}
TimeoutStartSec=600
SuccessExitStatus=4
"""

RUN = """\
[Service]
Type=notify
NotifyAccess=all
ExecStart={runtime} --systemd-cgroup run --bundle {bundle} {name}
ExecStopPost=-{runtime} delete --force {name}
Slice={slice}
TimeoutStartSec=600
SuccessExitStatus=4
"""


# The other column's locks would be the same ones.
CONFIGURATION = podman.CONFIGURATION.replace("[engine]\n", '[engine]\nlock_type = "file"\n')


class Units(podman.Podman):
    name = "units"
    product = "podman"
    programs = ("podman", "conmon", "systemctl", "nsenter")
    steps = steps
    configuration_text = CONFIGURATION
    own_cgroups = "(?!)"
    caller = ("nsenter", "--target", "1", "--mount", "--net", "--")
    namespaces_of = "1"

    @classmethod
    def refusal(cls, driver):
        runs = driver == "systemd" and os.path.isdir("/run/systemd/system")
        return "" if runs else "systemd makes no cgroups here"

    def start(self):
        self.folder_name = f"/var/lib/brig-units-{host.SESSION}-{self.runtime[0]}"
        self.mounts_below = self.folder_name  # the other column has its own in the same namespace
        os.makedirs(self.folder_name)
        self.files = []
        super().start()

    def stop(self):
        self.remove_all()
        shutil.rmtree(self.folder_name)

    def environment(self):
        """Without the folders of the place, where the machine's own namespaces have none."""
        changed = {**super().environment(), "HOME": self.folder}
        return {name: value for name, value in changed.items()
                if name not in ("TMPDIR", "XDG_RUNTIME_DIR")}

    def archive(self):
        return image.make_archive(f"{self.folder}/image.tar", extra=self.programs_of_the_image())

    def state_roots(self):
        return [f"/proc/1/root/run/{self.runtime[0]}"]

    def remove_all(self):
        for path in self.files:
            self.place.systemd("stop", unit_of(path))
            os.unlink(path)
        self.place.systemd("daemon-reload")
        for path in self.files:
            self.place.systemd("reset-failed", unit_of(path))
        self.files.clear()
        super().remove_all()

    # ---- for steps --------------------------------------------------------------------------

    def programs_of_the_image(self):
        with open(compiled("notify", self.folder), "rb") as file:
            return {"bin/notify": file.read()}

    def quadlet(self, program):
        """The service that Podman's generator makes of a `.container` file."""
        name, gate = self.new_unit(), self.new_gate()
        return self.unit(f"/run/containers/systemd/{name}.container", QUADLET.format(
            image=image.NAME, name=name, gate=gate, program=program, slice=self.place.cgroup_name,
            flags=" ".join(podman.storage_flags(self.folder)), configuration=self.configuration))

    def service_of_run(self, program):
        """A service that calls the runtime with a bundle."""
        name, gate = self.new_unit(), self.new_gate()
        bundle = f"{self.folder}/{name}"
        self.unpack(f"{bundle}/rootfs")
        with open(f"{bundle}/config.json", "w") as file:
            json.dump(spec.spec_with({
                **spec.shell(program), "mounts+": [spec.bind(gate, "/gate")],
                "linux.cgroupsPath": f"{self.place.cgroup_name}:engines:{name}"}), file)
        return self.unit(f"/run/systemd/system/{name}.service", RUN.format(
            runtime=self.runtime[1], bundle=bundle, name=name, slice=self.place.cgroup_name))

    def new_unit(self):
        return f"engines-{host.SESSION}-{self.runtime[0]}-{self.new_name()}"

    def new_gate(self):
        self.gate = f"{self.folder}/gate-{self.new_name()}"
        os.mkdir(self.gate)
        os.mkfifo(f"{self.gate}/fifo")
        return self.gate

    def unpack(self, rootfs):
        layer = image.make_layer(self.programs_of_the_image())
        with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
            archive.extractall(rootfs, filter="fully_trusted")
        for name in ("gate", "run"):
            os.makedirs(f"{rootfs}/{name}", exist_ok=True)

    def unit(self, path, text):
        path = f"/proc/1/root{path}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        self.files.append(path)
        self.place.systemd("daemon-reload")
        return Unit(self.place.systemd, unit_of(path))

    def processes_inside(self):
        """Everything that runs in the slice."""
        return [pid for top in self.place.cgroups() for folder, _, _ in os.walk(top)
                for pid in cgroups.members(folder)]

    def is_started(self):
        until(lambda: os.path.exists(f"{self.gate}/started"), "the program runs", 60)

    def open_gate(self):
        with open(f"{self.gate}/fifo", "w") as fifo:
            fifo.write("open\n")


class Unit:
    def __init__(self, systemd, name):
        self.systemd, self.name = systemd, name

    def show(self, name):
        return self.systemd("show", "--value", f"--property={name}", self.name)

    @property
    def state(self):
        return self.show("ActiveState")

    def begin_start(self):
        self.systemd("start", "--no-block", self.name)

    def wait_for(self, state):
        until(lambda: self.state == state, f"{self.name} is {state}", 60)

    def stopped(self):
        """What it comes to in the end."""
        self.systemd("stop", self.name)
        return f"{self.state}, {self.show('Result')}"

    def monitor(self):
        """The pid of the process that systemd watches: of a Quadlet's, Podman says which it is when
        the container may be ready already."""
        def is_podman():
            return processes.command_line(self.main_pid()).startswith(program("podman"))
        until(lambda: not is_podman(), f"systemd watches the monitor of {self.name}", 60)
        return self.main_pid()

    def main_pid(self):
        return int(self.show("MainPID"))


def unit_of(path):
    return os.path.basename(path).replace(".container", ".service")


def compiled(name, folder):
    """A program of the integration tests; where there is no compiler somebody has brought it."""
    brought = os.environ.get("BRIG_TEST_PROGRAMS")
    if brought:
        return os.path.join(brought, name)
    target = os.path.join(folder, name)
    source = os.path.join(host.REPOSITORY, "tests", "integration", f"{name}.c")
    subprocess.run(["gcc", "-static", "-O1", "-D_GNU_SOURCE", "-o", target, source], check=True)
    return target


def play_ready(units, unit):
    """Activating until the container's process has said READY=1, and gone after a stop."""
    unit.begin_start()
    units.is_started()
    before = unit.state
    units.open_gate()
    unit.wait_for("active")
    return f"{before}, active, {unit.stopped()}"


def play_not_ready(unit):
    unit.begin_start()
    unit.wait_for("failed")
    return unit.state


def play_killed(units, unit):
    """The process that systemd watches is killed: what it ran ends with it."""
    unit.begin_start()
    unit.wait_for("active")
    inside = units.processes_inside()
    processes.kill(unit.monitor())
    unit.wait_for("failed")
    for pid in inside:
        processes.wait_dead(pid)
    return unit.show("Result")


@steps.step
def quadlet(units):
    return play_ready(units, units.quadlet(GATED))


@steps.step
def quadlet_that_ends_before_it_is_ready(units):
    """Its result is "protocol" when conmon has ended before Podman says that it is the main
    process, and "exit-code" after that."""
    return play_not_ready(units.quadlet("exit 3"))


@steps.step
def quadlet_whose_monitor_is_killed(units):
    return play_killed(units, units.quadlet(READY))


@steps.step
def service_of_run(units):
    return play_ready(units, units.service_of_run(GATED))


@steps.step
def service_of_run_that_ends_before_it_is_ready(units):
    return play_not_ready(units.service_of_run("exit 3"))


@steps.step
def service_of_run_that_is_killed(units):
    return play_killed(units, units.service_of_run(READY))
