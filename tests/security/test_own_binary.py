"""The runtime's own file and memory, seen from inside a container."""

import os
import signal
import subprocess

import pytest
from harness import host, processes
from harness.spec import CAPABILITIES, namespaces

# With more than a default container has: the file must be safe from these as well.
STRONG = CAPABILITIES + ["CAP_DAC_OVERRIDE", "CAP_SYS_PTRACE"]
STRONG_CHANGES = {"process.capabilities": {
    "bounding": STRONG, "effective": STRONG, "permitted": STRONG}, "root.readonly": False}


def elf_interpreted_by_the_runtime(bundle):
    source = bundle.file("empty.c", "int main(void) { return 0; }\n")
    subprocess.run(["gcc", "-o", bundle.inside("elf"), source,
                    "-Wl,--dynamic-linker=/proc/self/exe"], check=True)
    return "/elf"


def script_interpreted_by_the_runtime(bundle):
    bundle.file("rootfs/script", "#!/proc/self/exe\n", 0o755)
    return "/script"


PROGRAMS = {"proc-self-exe": lambda bundle: "/proc/self/exe",
            "script": script_interpreted_by_the_runtime,
            "elf": elf_interpreted_by_the_runtime}


def watcher(victim, *words, **options):
    """A container that looks at every process it can see."""
    log = victim.running("/hostile", *words, **options)
    processes.until(lambda: "watching" in log.stdout, "the attacker is ready")
    return log


def strike(victim):
    os.kill(victim.bundle.pid, signal.SIGTERM)
    victim.bundle.end()


def attack(victim):
    """A container that gets hold of the runtime's file, if a process executes that."""
    before = victim.own_file()
    return before, watcher(victim, "overwrite", *victim.identity(), changes=STRONG_CHANGES)


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("program", PROGRAMS)
def test_cve_2019_5736_exec_does_not_lead_to_the_runtimes_file(victim, program):
    """runc 1.1.5 executes itself from a sealed memory file, and is safe."""
    path = PROGRAMS[program](victim.bundle)
    before, log = attack(victim)
    for _ in range(5):
        victim.exec(path, "x")
    strike(victim)
    victim.unharmed(victim.own_file() == before, log)


@pytest.mark.known_vulnerable("naive")
@pytest.mark.parametrize("program", PROGRAMS)
def test_cve_2019_5736_a_first_process_does_not_lead_to_the_runtimes_file(victim, program):
    """The container is watched by another one, whose pid namespace it joins."""
    other = victim.another()
    path = PROGRAMS[program](other)
    before, log = attack(victim)
    joined = namespaces("network", "ipc", "uts", "mount",
                        pid=f"/proc/{victim.bundle.pid}/ns/pid")
    for _ in range(3):
        victim.run(path, "x", bundle=other, changes={"linux.namespaces": joined})
    strike(victim)
    victim.unharmed(victim.own_file() == before, log)


@pytest.mark.known_vulnerable("naive")
def test_cve_2016_9962_a_process_on_its_way_in_shows_nothing(victim):
    """Whoever enters holds memory and descriptors of the host's until it executes the program."""
    log = watcher(victim, "peek")
    for _ in range(10):
        victim.exec("/bin/true")
    strike(victim)
    victim.unharmed(log.stdout == "watching\n", log)


@pytest.mark.known_vulnerable("naive")
def test_cve_2016_9962_a_first_process_that_joins_a_pid_namespace_shows_nothing(victim):
    log = watcher(victim, "peek")
    other = victim.another()
    joined = namespaces("network", "ipc", "uts", "mount",
                        pid=f"/proc/{victim.bundle.pid}/ns/pid")
    for _ in range(5):
        victim.run("/bin/true", bundle=other, changes={"linux.namespaces": joined})
    strike(victim)
    victim.unharmed(log.stdout == "watching\n", log)


def test_the_attacked_file_is_a_copy(victim):
    """Nothing here may ever write to the real one."""
    assert victim.program[0].startswith(host.WORK + "/")
    assert not os.path.samefile(victim.program[0], host.BRIG)
