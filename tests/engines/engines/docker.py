"""Docker: its command line, dockerd and containerd."""

import os

from harness import processes
from rig import calls, image, kernel
from rig.daemons import Containerd, Dockerd
from rig.place import program
from rig.steps import Steps
from rig.waiting import until
from engines.cli import ContainerCli
from topics import build, exec_, life, limits, run, security, sharing

steps = Steps(run.steps, exec_.steps, life.steps, limits.steps, security.steps, sharing.steps,
              build.steps)


class Docker(ContainerCli):
    name = "docker"
    programs = ("dockerd", "docker", "containerd", "containerd-shim-runc-v2")
    monitor = "containerd-shim"
    own_cgroups = "buildkit"
    own_mounts = ("/netns/default",)  # the host's, pinned by the first `--network host`
    steps = steps

    def start(self):
        # BuildKit in dockerd runs whatever the first `runc` of its PATH is.
        os.symlink(self.runtime[1], f"{self.place.bin}/runc")
        self.containerd = Containerd(self.place).start()
        self.daemon = Dockerd(self.place, self.containerd, self.runtime,
                              {"live-restore": True}).start()
        self("load", "--input", self.archive()).ok()

    def stop(self):
        self.daemon.stop()
        self.containerd.stop()

    def daemons(self):
        return {self.daemon.pid, self.containerd.pid}

    def version(self):
        return self("version", "--format", "{{.Server.Version}}").ok().text

    def command(self):
        return [program("docker")]

    def environment(self):
        return self.place.environment({"DOCKER_HOST": f"unix://{self.daemon.address}",
                                       "DOCKER_CONFIG": self.place.path("home/.docker")})

    def state_roots(self):
        return [f"{self.daemon.exec_root}/runtime-{name}/moby" for name in ("runc", "brig")] + [
            f"{self.containerd.state}/io.containerd.runtime.v2.task/moby"]


BUILDKIT = {"DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain"}


@steps.step
def buildkit_image(docker):
    build.build(docker, ["WORKDIR /made", "RUN echo of BuildKit >file && id -u >>file", "USER alice",
                         "RUN --mount=type=tmpfs,target=/scratch touch /scratch/x && id -un >/tmp/u"
                         ], env=BUILDKIT).ok()
    try:
        return docker.run_image(build.TAG, "cat", "/made/file", "/tmp/u").ok().text
    finally:
        docker("rmi", build.TAG)


@steps.step
def buildkit_that_fails(docker):
    """The runtime's exit status is that of the step, which BuildKit names."""
    said = build.build(docker, ["RUN exit 7"], env=BUILDKIT)
    assert "exit code: 7" in said.stderr, str(said)
    return f"exit {said.status}"


@steps.step
def buildkit_with_a_program_that_is_not_there(docker):
    return build.build(docker, ['RUN ["/no/such"]'], env=BUILDKIT).fails().failure


@steps.step
def buildkit_that_is_cancelled(docker):
    """The step's container is killed and nothing of it is left."""
    folder = docker.place.path("context")
    docker.place.write("context/Dockerfile", f"FROM {image.NAME}\nRUN echo be''gun; sleep 1000\n")
    with docker.terminal("build", folder, env=BUILDKIT) as person:
        person.expect(b"begun")
        person.send(b"\x03")
        return f"exit {person.wait()}"


@steps.step
def out_of_memory_is_known(docker):
    """containerd tells of it and of the exit side by side, and Docker keeps it only if it comes first.
    So it is a child that wants too much, and the first process ends when the event has been seen."""
    name = docker.running("--memory 16m --memory-swap 16m", "sh", "-c",
                          "trap 'tail -c 100m /dev/zero' USR1; trap 'exit 5' USR2; echo ready; "
                          "while :; do sleep 0.05; done")
    docker.wait_for_log(name, "ready")
    docker("kill", "--signal", "USR1", name).ok()
    until(lambda: docker("events", "--since", "1h", "--until", "0s", "--filter", f"container={name}",
                         "--filter", "event=oom").ok().text, "Docker's event", calls.SECONDS)
    docker("kill", "--signal", "USR2", name).ok()
    docker("wait", name).ok("5")
    return docker.inspect(name, "{{.State.OOMKilled}}")


@steps.step
def restarted_daemon(docker):
    """With `live-restore` containers outlive it, and belong to the next one."""
    name = docker.running()
    docker.daemon.stop()
    docker.daemon.start()
    said = docker("exec", name, "echo", "still here").ok("still here").text
    docker("stop", "-t", "0", name).ok()
    return f"{said}, {docker.inspect(name, '{{.State.ExitCode}}')}"


@steps.step
def killed_daemon(docker):
    name = docker.running("", *["sh", "-c", "sleep 1000; exit 0"])
    docker.daemon.kill()
    docker.daemon.start()
    docker("kill", name).ok()
    return docker("wait", name).ok().text


@steps.step
def killed_shim(docker):
    """containerd has the runtime remove the container, and dockerd notices."""
    name = docker.running()
    init = docker.pid(name)
    kernel.kill_monitor_of(init, docker.monitor)
    processes.wait_dead(init, calls.DEADLINE)
    docker.wait_for(name, "{{.State.Running}}", "false")
    return docker.inspect(name, "{{.State.ExitCode}}")


@steps.step
def runtime_of_one_container(docker):
    name = docker.running(f"--runtime {docker.runtime[0]}")
    assert docker.inspect(name, "{{.HostConfig.Runtime}}") == docker.runtime[0]
    return docker.status(name)


@steps.step
def version_of_the_runtime(docker):
    """dockerd asks the runtime for it; the text of neither is the other's."""
    said = docker("version", "--format", "{{json .Server.Components}}").ok().text
    assert '"Name":"%s","Version":"' % docker.runtime[0] in said, said
