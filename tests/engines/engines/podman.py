"""Podman, which has no daemon, and conmon above each container."""

from harness import processes
from rig import calls, image, kernel
from rig.place import program
from rig.steps import Steps
from engines.cli import ContainerCli
from topics import build, exec_, life, limits, run, security, sharing

steps = Steps(run.steps, exec_.steps, life.steps, limits.steps, security.steps, sharing.steps,
              build.steps)

CONFIGURATION = """\
[containers]
# Raising a hard limit needs CAP_SYS_RESOURCE, which a root in a container may not have.
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
cgroupns = "private"
# Not the journal, which a place has not got.
log_driver = "k8s-file"

[engine]
cgroup_manager = "{driver}"
events_logger = "file"
runtime = "{name}"
runtime_supports_json = ["brig", "crun", "runc"]
# A volume's folder, and what else has a default outside.
volume_path = "{folder}/volumes"
tmp_dir = "{folder}/tmp"

[engine.runtimes]
{name} = ["{path}"]

[network]
network_config_dir = "{folder}/networks"
"""


# Podman and Buildah ask for more than a root without CAP_SYS_RESOURCE may give.
ULIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]


def build_options(place):
    """What is called the parent there is the cgroup of the RUN steps themselves."""
    if place.driver == "systemd":
        return ULIMITS
    return [*ULIMITS, "--cgroup-parent", f"{place.cgroup_parent}/build"]


def storage_flags(folder):
    return ["--root", f"{folder}/storage", "--runroot", f"{folder}/run",
            "--storage-driver", "overlay"]


class Podman(ContainerCli):
    name = "podman"
    programs = ("podman", "conmon")
    monitor = "conmon"
    kube_options = ()
    caller = ()  # the words before each program, of who calls it
    # In which it keeps its monitors, and those of pods, of which it removes only some hierarchies'.
    own_cgroups = "conmon|[0-9a-f]{64}"
    own_mounts = ("/storage/overlay", "/run/netns")
    steps = steps
    configuration_text = CONFIGURATION
    folder_name = "podman"

    def start(self):
        self.folder = self.place.path(self.folder_name)
        name, path = self.runtime
        values = {"folder": self.folder, "driver": self.place.driver, "name": name, "path": path}
        self.configuration = self.place.write(f"{self.folder_name}/containers.conf",
                                              self.configuration_text.format(**values))
        self.default_options = f"--cgroup-parent {self.place.cgroup_parent}"
        self("load", "--input", self.archive()).ok()

    def stop(self):
        pass

    def version(self):
        return self("version", "--format", "{{.Client.Version}}").ok().text

    def command(self):
        # Flags reach the `podman container cleanup` that conmon runs in the end; the environment's
        # CONTAINERS_STORAGE_CONF does not.
        return [*self.caller, program("podman"), *storage_flags(self.folder)]

    def environment(self):
        # No timers in the machine's own systemd, which knows nothing of the place.
        return self.place.environment({"CONTAINERS_CONF": self.configuration,
                                       "DISABLE_HC_SYSTEMD": "true"})

    def state_roots(self):
        return []  # the runtime's own default

    def ask_runtime(self, *words):
        """The runtime, as its engine calls it."""
        return calls.call([*self.caller, self.runtime[1], *words], self.environment()).ok()

    def running_in(self, pod):
        name = self.new_name()
        self("run", "-d", "--pod", pod, "--name", name, image.NAME, "sleep", "1000").ok()
        return name

    def update_options(self, options):
        """Podman 4.3 knows no --pids-limit there."""
        words = super().update_options(options)
        if "--pids-limit" not in self("update", "--help").stdout:
            at = words.index("--pids-limit")
            del words[at:at + 2]
        return words

    def check_health(self, name):
        """Its timer would be systemd's; here it is asked once."""
        self("healthcheck", "run", name).ok()

    @property
    def build_words(self):
        return ["build", *build_options(self.place)]

    def remove_all(self):
        """`rm --all` goes through them in no order, and refuses one whose namespace another has
        joined while that other is there."""
        self("pod", "rm", "--all", "--force", "--time", "0")
        for _ in range(2):
            if self("rm", "--all", "--force", "--volumes", "--time", "0").status == 0:
                return


@steps.step
def pod(podman):
    """Containers that share what the first one, the infra container, was given."""
    podman("pod", "create", "--name", "pod", "--hostname", "of-the-pod",
           "--cgroup-parent", podman.place.cgroup_parent).ok()
    first = podman.running_in("pod")
    second = podman.running_in("pod")
    namespaces = [podman("exec", name, "sh", "-c", "for n in net ipc uts; do readlink "
                         "/proc/self/ns/$n; done; hostname").ok().text for name in (first, second)]
    assert namespaces[0] == namespaces[1], namespaces
    status = podman("pod", "ps", "--format", "{{.Status}} {{.NumberOfContainers}}").ok().text
    podman("pod", "stop", "-t", "0", "pod").ok()
    stopped = podman("pod", "ps", "--format", "{{.Status}}").ok().text
    podman("pod", "rm", "pod").ok()
    return f"{namespaces[0].splitlines()[-1]}: {status}, {stopped}"


@steps.step
def pod_paused(podman):
    podman("pod", "create", "--name", "pod", "--cgroup-parent", podman.place.cgroup_parent).ok()
    name = podman.running_in("pod")
    podman("pod", "pause", "pod").ok()
    paused = podman.status(name)
    podman("pod", "unpause", "pod").ok()
    return f"{paused}, {podman.status(name)}"


@steps.step
def pod_that_shares_processes(podman):
    podman("pod", "create", "--name", "pod", "--share", "pid,net",
           "--cgroup-parent", podman.place.cgroup_parent).ok()
    name = podman.running_in("pod")
    said = podman("exec", name, "ps", "-o", "args").ok().text
    podman("pod", "kill", "pod").ok()
    podman("wait", name).ok()
    return f"{said.count('sleep 1000')} sleeps; {podman.inspect(name, '{{.State.ExitCode}}')}"


KUBE = f"""\
apiVersion: v1
kind: Pod
metadata:
  name: kube
spec:
  restartPolicy: Never
  containers:
  - name: one
    image: {image.NAME}
    imagePullPolicy: Never
    command: [sleep, "1000"]
    resources: {{limits: {{memory: 64Mi}}}}
    securityContext: {{capabilities: {{drop: [ALL]}}}}
  - name: two
    image: {image.NAME}
    imagePullPolicy: Never
    command: [sleep, "1000"]
    securityContext: {{runAsUser: 1000, readOnlyRootFilesystem: true}}
"""


@steps.step
def kube_play(podman):
    """A pod in Kubernetes' words."""
    path = podman.place.write("kube.yaml", KUBE)
    podman("play", "kube", *podman.kube_options, path).ok()
    try:
        said = podman("exec", "kube-two", "sh", "-c", "id; touch /file").fails()
        one = podman("exec", "kube-one", "grep", "CapBnd", "/proc/self/status").ok()
        limits = kernel.limits(podman.pid("kube-one"), "memory")
        return f"{said.text}, {said.failure}; {one.text}; {limits}"
    finally:
        podman("play", "kube", "--down", path)


@steps.step
def killed_conmon(podman):
    """Podman has the container's process killed, but does not ask the runtime to delete what it
    takes for gone already. What Podman runs in other cases is enough."""
    name = podman.running()
    init, container = podman.pid(name), podman.inspect(name, "{{.Id}}")
    kernel.kill_monitor_of(init, podman.monitor)
    said = podman("rm", "-f", "-t", "0", name).failure
    processes.wait_dead(init)
    podman.ask_runtime("delete", "--force", container)
    return said


@steps.step
def user_namespace(podman):
    said = podman.run("--uidmap 0:100000:65536 --gidmap 0:100000:65536", "sh", "-c",
                      "id; cat /proc/self/uid_map; touch /file && stat -c %u /file").ok()
    return said.text


@steps.step
def without_cgroups(podman):
    """Only a runtime that is named in `runtime_supports_nocgroups` is asked to."""
    return podman.run("--cgroups disabled", "true").failure


@steps.step
def preserved_descriptors(podman):
    said = podman.run("--preserve-fds 1", "sh", "-c", "cat <&3", descriptor=podman.archive())
    return f"exit {said.status}, {len(said.stdout) > 100000}"


@steps.step
def out_of_memory_is_known(podman):
    """conmon looks, on cgroup v2, when the first process was killed."""
    name, _ = podman.kept("--memory 16m --memory-swap 16m", "sh", "-c",
                          "sleep 1; exec tail -c 100m /dev/zero")
    return podman.inspect(name, "{{.State.OOMKilled}} {{.State.ExitCode}}")


@steps.step
def time_limit(podman):
    """conmon ends the container's process group, though it may not have been started yet."""
    return podman.run("--timeout 5", "sleep", "1000").failure


@steps.step
def info(podman):
    said = podman("info", "--format", "{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}").ok()
    assert said.text == " ".join(podman.runtime), said.text
