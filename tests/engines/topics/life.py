"""The life of a container: stopping, pausing, restarting, watching."""

from harness import host
from rig import calls
from rig.steps import Steps
from rig.waiting import until
from engines.cli import OBEDIENT

steps = Steps()


def exit_code(engine, name):
    return engine.inspect(name, "{{.State.ExitCode}}")


@steps.step
def create_and_start(engine):
    name = engine.new_name()
    engine("create", *engine.words("", ["sh", "-c", "echo hello; exit 2"], name)).ok()
    created = engine.status(name)
    return f"{created}, {engine('start', '-a', name).exits(2).text}, {engine.status(name)}"


@steps.step
def stop(engine):
    name = engine.running("", *OBEDIENT)
    engine.wait_for_log(name, "ready")
    engine("stop", name).ok()
    return exit_code(engine, name)


@steps.step
def stop_of_one_that_does_not_listen(engine):
    name = engine.running()
    engine("stop", "-t", "1", name).ok()
    return exit_code(engine, name)


@steps.step
def stop_with_another_signal(engine):
    name = engine.running("--stop-signal USR1", "sh", "-c",
                          "trap 'exit 8' USR1; echo ready; while :; do sleep 0.05; done")
    engine.wait_for_log(name, "ready")
    engine("stop", name).ok()
    return exit_code(engine, name)


@steps.step
def kill_with_a_signal(engine):
    name = engine.running("", *OBEDIENT)
    engine.wait_for_log(name, "ready")
    engine("kill", "--signal", "TERM", name).ok()
    return engine("wait", name).ok().text


@steps.step
def kill_when_ended(engine):
    name = engine.running("", "true")
    engine("wait", name).ok()
    return engine("kill", name).failure


@steps.step
def restart(engine):
    name = engine.running("", *OBEDIENT)
    before = engine.pid(name)
    engine.wait_for_log(name, "ready")
    engine("restart", name).ok()
    assert engine.pid(name) != before
    return engine.status(name)


@steps.step
def restart_on_failure(engine):
    name = engine.running("--restart on-failure:2", "sh", "-c", "exit 3")
    engine.wait_for(name, "{{.RestartCount}} {{.State.Running}}", "2 false")
    return exit_code(engine, name)


@steps.step
def pause(engine):
    name = engine.running()
    engine("pause", name).ok()
    paused, refused = engine.status(name), engine("exec", name, "true").failure
    engine("unpause", name).ok()
    return f"{paused}; exec: {refused}; {engine.status(name)}"


@steps.step
def kill_while_paused(engine):
    name = engine.running()
    engine("pause", name).ok()
    killed = engine("kill", name).failure
    engine("unpause", name)
    return f"{killed}; {engine('wait', name).ok().text}"


@steps.step
def remove_while_paused(engine):
    name = engine.running()
    engine("pause", name).ok()
    return engine("rm", "-f", name).failure


@steps.step
def remove_of_a_running_one(engine):
    return engine("rm", engine.running()).failure


@steps.step
def top(engine):
    name = engine.running()
    engine("exec", "-d", name, "sleep", "999").ok()
    lines = engine("top", name).ok().text.splitlines()
    return f"{lines[0].split()[-1]}: {sorted(line.split('sleep')[-1] for line in lines[1:])}"


@steps.step
def stats(engine):
    name = engine.running("--memory 64m")
    said = engine("stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}} {{.MemUsage}}", name)
    name_of_it, pids, used, _, limit = said.ok().text.replace("/", " / ").split()
    assert used[0] != "0", str(said)
    return f"{name_of_it == name}, {pids} processes, of {limit}"


@steps.step
def logs(engine):
    name, _ = engine.kept("", "sh", "-c", "echo out; echo err >&2")
    said = engine("logs", name).ok()
    return f"{said.text}, {said.stderr.strip()}"


@steps.step
def logs_that_are_followed(engine):
    name = engine.running("", "sh", "-c",
                          "echo one; until [ -e /tmp/seen ]; do sleep 0.05; done; echo two")
    follower = engine.spawn("logs", "-f", name)
    until(lambda: "one" in follower.captures[0].text(), "the first line", calls.SECONDS)
    engine("exec", name, "touch", "/tmp/seen").ok()
    return follower.wait(calls.DEADLINE).exits(0).stdout.strip()


@steps.step
def attach(engine):
    name = engine.new_name()
    engine("create", "-i", *engine.words("", ["sh", "-c", "read x; echo got $x; exit 5"], name)
           ).ok()
    return engine("start", "-a", "-i", name, stdin="word\n").exits(5).text


@steps.step
def health(engine):
    name = engine.running("--health-cmd 'test -e /tmp/well' --health-interval 1s")
    engine("exec", name, "touch", "/tmp/well").ok()
    engine.check_health(name)
    return engine.inspect(name, engine.health_status)


@steps.step
def init(engine):
    """A first process of the engine's, which reaps what is orphaned."""
    name = engine.running("--init")
    count = len(engine("exec", name, "ps", "-o", "pid,args").ok().text.splitlines())
    first = engine("exec", name, "cat", "/proc/1/comm").ok().text
    engine("stop", "-t", "20", name).ok()  # sleep does not ignore it: it is not the first process
    return f"{first}, {count - 2} processes; {exit_code(engine, name)}"


@steps.step
def files(engine):
    name = engine.running("", "sh", "-c", "echo inside >/srv/file; sleep 1000")
    engine("exec", name, "sh", "-c", "until grep -q inside /srv/file; do sleep 0.05; done").ok()
    copy = engine.place.path("copied")
    engine("cp", f"{name}:/srv/file", copy).ok()
    with open(copy) as file:
        return file.read().strip() + "; " + engine("diff", name).ok().text.replace("\n", ", ")


@steps.step
def many_at_once(engine):
    """Containers that are started, and end, side by side."""
    clients = [engine.spawn("run", "--rm", *engine.words("--network none", ["sh", "-c", f"exit {n}"])
                            ) for n in range(6)]
    return " ".join(str(client.wait(180 * host.PATIENCE).status) for client in clients)
