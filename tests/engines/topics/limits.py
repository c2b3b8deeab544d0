"""Limits, as the kernel has them and as it enforces them."""

from rig import kernel
from rig.steps import NotHere, Steps

steps = Steps()
NAMES = ["memory", "pids", "quota", "shares", "cpus"]


@steps.step
def limits_of_a_container(engine):
    name = engine.running("--memory 64m --memory-reservation 32m --cpus 0.5 --pids-limit 50 "
                          "--cpu-shares 512 --cpuset-cpus 0")
    return kernel.limits(engine.pid(name), *NAMES)


@steps.step
def update(engine):
    name = engine.running("--memory 64m --cpus 0.5 --pids-limit 50")
    engine("update", *engine.update_options("--memory 96m --memory-swap 96m --cpus 0.25 "
                                            "--pids-limit 60"), name).ok()
    return kernel.limits(engine.pid(name), *NAMES)


@steps.step
def update_of_one_value(engine):
    """The others stay."""
    name = engine.running("--memory 64m --cpus 0.5 --pids-limit 50 --cpu-shares 512")
    engine("update", "--cpu-shares", "256", name).ok()
    return kernel.limits(engine.pid(name), *NAMES)


@steps.step
def update_while_paused(engine):
    name = engine.running("--cpus 0.5")
    engine("pause", name).ok()
    engine("update", "--cpus", "0.25", name).ok()
    engine("unpause", name).ok()
    return kernel.limits(engine.pid(name), "quota")


@steps.step
def out_of_memory(engine):
    """Each engine has a step of its own for whether it knows why."""
    return engine.run("--memory 16m --memory-swap 16m", "tail", "-c", "100m", "/dev/zero").failure


@steps.step
def too_many_processes(engine):
    """The threads of a runtime that is written in Go count, too, until it executes the program."""
    return engine.run("--pids-limit 20", "sh", "-c",
                      "i=0; while [ $i -lt 25 ]; do sleep 1 & i=$((i + 1)); done; wait").failure


@steps.step
def ulimit(engine):
    return engine.run("--ulimit nofile=100:200 --ulimit core=0 --ulimit nproc=99", "sh", "-c",
                      "ulimit -Sn; ulimit -Hn; ulimit -c; ulimit -u").ok().text


@steps.step
def device(engine):
    said = engine.run("--device /dev/zero:/dev/nul0:r", "sh", "-c",
                      "head -c 3 /dev/nul0 | wc -c; echo >/dev/nul0")
    return f"{said.text}, {said.failure}"


@steps.step
def device_that_is_not_given(engine):
    return engine.run("--cap-add MKNOD", "sh", "-c", "mknod /dev/kmem-9 c 1 11; cat /dev/kmem-9"
                      ).failure


@steps.step
def oom_score(engine):
    return engine.run("--oom-score-adj 321", "cat", "/proc/self/oom_score_adj").ok().text


@steps.step
def shm_size(engine):
    return engine.run("--shm-size 3m", "sh", "-c", "df -k /dev/shm | tail -n 1 | awk '{print $2}'"
                      ).ok().text


@steps.step
def cgroup_namespace(engine):
    said = engine.run("--cgroupns private", "cat", "/proc/self/cgroup")
    if "unknown flag" in said.stderr:
        raise NotHere("no --cgroupns")
    return f"{said.failure}: {sorted({line.split(':')[2] for line in said.text.splitlines()})}"
