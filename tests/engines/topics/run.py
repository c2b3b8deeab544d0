"""`run`: what a container's end says, and what it is given."""

from rig import calls
from rig.steps import Steps
from rig.waiting import until

steps = Steps()


@steps.step
def output(engine):
    said = engine.run("", "sh", "-c", "echo out; echo err >&2").ok("out")
    return f"{said.text}, {said.stderr.strip()}"


@steps.step
def input_(engine):
    return engine.run("-i", "cat", stdin="typed\n").ok("typed").text


@steps.step
def exit_status(engine):
    return engine.run("", "sh", "-c", "exit 32").exits(32).failure


@steps.step
def status_125_refused_by_the_runtime(engine):
    """The runtime finds out that the kernel does not know the setting."""
    return engine.run("--sysctl net.ipv4.no_such_setting=1", "true").failure


@steps.step
def memory_that_is_too_little(engine):
    """Docker refuses it by itself; Podman leaves that to the runtime, whose container is killed by the
    kernel early or late. What runc says, and Podman's status by it, depend on that."""
    said = engine.run("--memory 1", "true").fails()
    assert said.status in (125, 126, 127), str(said)
    return "refused"


@steps.step
def status_126_folder(engine):
    return engine.run("", "/etc").exits(126).failure


@steps.step
def status_126_not_executable(engine):
    return engine.run("", "/etc/passwd").exits(126).failure


@steps.step
def status_127_name(engine):
    return engine.run("", "no-such-program").exits(127).failure


@steps.step
def status_127_path(engine):
    return engine.run("", "/no/such").exits(127).failure


@steps.step
def status_137_killed(engine):
    name = engine.running()
    engine("kill", name).ok()
    return engine("wait", name).ok("137").text


@steps.step
def recorded_status(engine):
    """What the engine remembers of a container that could not be started."""
    name, said = engine.kept("", "/no/such")
    return f"{said.failure}; {engine.inspect(name, '{{.State.Status}} {{.State.ExitCode}}')}"


@steps.step
def terminal(engine):
    with engine.at_terminal("", "sh", rows=33, columns=99) as person:
        person.send(b"until stty size | grep '33 99'; do sleep 0.1; done; tty\n")
        person.expect(b"\n33 99")
        person.expect(b"/dev/pts/0")
        person.send(b"exit 5\n")
        return f"exit {person.wait()}"


@steps.step
def terminal_that_changes(engine):
    """Docker's client begins to watch its terminal after the container's first output, and may lose
    the last output of one that ends by itself."""
    def is_resized():
        person.resize(40, 99)
        person.resize(40, 111)
        return person.sees(b"40 111", 1)

    with engine.at_terminal("", "sh", "-c", "trap 'stty size' WINCH; trap 'exit 8' INT; echo ready; "
                            "while :; do sleep 0.05; done") as person:
        person.expect(b"ready")
        until(is_resized, "the new size", 30)
        person.send(b"\x03")
        return f"exit {person.wait()}"


@steps.step
def interrupted_at_terminal(engine):
    with engine.at_terminal("", "sh", "-c", "trap 'exit 7' INT; echo ready; while :; do sleep 0.05;"
                            " done") as person:
        person.expect(b"ready")
        person.send(b"\x03")
        return f"exit {person.wait()}"


@steps.step
def environment_and_folder(engine):
    return engine.run("--env A=b --workdir /srv --hostname inside", "sh", "-c",
                      "echo $A; pwd; hostname").ok().text


@steps.step
def signal_is_forwarded(engine):
    """The client's signals are the container's."""
    name = engine.new_name()
    client = engine.spawn("run", *engine.words("", [
        "sh", "-c", "trap 'exit 4' USR1; echo ready; while :; do sleep 0.05; done"], name))
    engine.wait_for_container(name)
    engine.wait_for_log(name, "ready")
    client.signal(10)
    return f"exit {client.wait(calls.DEADLINE).status}"
