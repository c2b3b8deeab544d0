"""Jobs whose tasks are containers, on two nodes."""

import os

from harness import host
from rig.steps import Steps
from rig.waiting import until

steps = Steps()

NOBODY = 65534


@steps.step
def tasks_on_two_nodes(slurm):
    said = slurm.run("sh", "-c", "echo one of $SLURM_NTASKS, process $$",
                     options=["-N2", "-n2"]).ok()
    return "; ".join(said.text.splitlines())


@steps.step
def exit_status(slurm):
    return slurm.run("sh", "-c", "exit 3", options=["-n1"]).failure


@steps.step
def input_and_output(slurm):
    said = slurm.run("sh", "-c", "wc -c; echo err >&2; yes 0123456789 | head -c 500000",
                     options=["-n1"], stdin="x" * 100000).ok()
    return f"{said.text.split()[0]} bytes in, {len(said.text)} out, {'err' in said.stderr}"


@steps.step
def program_that_is_not_there(slurm):
    """Slurm passes on what the runtime says, and its status."""
    return slurm.run("/no/such", options=["-n1"]).failure


@steps.step
def batch(slurm):
    """The batch script runs in a container, too."""
    script = slurm.place.write("slurm/script", "#!/bin/sh\nid -u; exit 4\n", 0o755)
    output = slurm.place.path("slurm", "output")
    said = slurm("sbatch", "--wait", "--quiet", f"--output={output}", "-n1",
                 f"--container={slurm.bundle}", script)
    with open(output) as file:
        lines = [line.strip() for line in file if not line.startswith("slurmstepd")]
    return f"exit {said.status}: {' '.join(lines)}"


@steps.step
def cancelled(slurm):
    """The container ends with its job."""
    mark = slurm.place.path("slurm", "bundle", "rootfs", "started")
    running = slurm.spawn("srun", "--quiet", f"--container={slurm.bundle}", "-n1", "sh", "-c",
                          "trap 'exit 0' TERM; touch /started; while :; do sleep 0.1; done")
    until(lambda: os.path.exists(mark), "the task has started", 60)
    slurm("scancel", "--user=root").ok()
    running.wait(60 * host.PATIENCE)
    os.unlink(mark)
    until(lambda: not slurm.has_containers(), "the job is gone", 60)
    return "ended"


@steps.step
def user_without_privileges(slurm):
    """A user's own container: a user namespace, and no cgroup that could be written."""
    mapping = [{"containerID": 0, "hostID": NOBODY, "size": 1}]
    bundle = slurm.make_bundle("rootless", spec=["--rootless"], uidMappings=mapping,
                               gidMappings=mapping)
    said = slurm.run("sh", "-c", "echo $(id -u) in $(cat /proc/self/uid_map)", bundle=bundle,
                     options=["-N2", "-n2", f"--uid={NOBODY}", f"--gid={NOBODY}"])
    return said.ok().text
