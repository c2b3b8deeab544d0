"""`exec`: further processes of a running container."""

from rig.steps import Steps
from topics.security import may_mount

steps = Steps()


@steps.step
def exec_output(engine):
    said = engine("exec", engine.running(), "sh", "-c", "echo out; exit 9").exits(9)
    return f"{said.text}, {said.failure}"


@steps.step
def exec_input(engine):
    return engine("exec", "-i", engine.running(), "cat", stdin="typed\n").ok("typed").text


@steps.step
def exec_options(engine):
    name = engine.running("--env A=b")
    return engine("exec", "--env", "C=d", "--workdir", "/tmp", "--user", "1000:5", name, "sh", "-c",
                  "echo $A $C; pwd; id").ok().text


@steps.step
def exec_at_terminal(engine):
    with engine.terminal("exec", "-it", engine.running(), "sh", rows=31, columns=91) as person:
        person.send(b"until stty size | grep '31 91'; do sleep 0.1; done; tty\n")
        person.expect(b"\n31 91")
        person.expect(b"/dev/pts/")
        person.send(b"exit 6\n")
        return f"exit {person.wait()}"


@steps.step
def exec_of_a_folder(engine):
    return engine("exec", engine.running(), "/etc").fails().failure


@steps.step
def exec_of_a_name_that_is_not_there(engine):
    return engine("exec", engine.running(), "no-such-program").fails().failure


@steps.step
def exec_of_a_path_that_is_not_there(engine):
    return engine("exec", engine.running(), "/no/such").fails().failure


@steps.step
def exec_folder_that_is_not_there(engine):
    return engine("exec", "--workdir", "/no/such", engine.running(), "true").failure


@steps.step
def exec_in_the_background(engine):
    name = engine.running()
    engine("exec", "-d", name, "sleep", "999").ok()
    engine("exec", name, "sh", "-c", "until ps -o args | grep '^sleep 999'; do sleep 0.05; done"
           ).ok()


@steps.step
def exec_privileged(engine):
    return may_mount(engine("exec", "--privileged", engine.running(), "grep", "CapEff",
                            "/proc/self/status"))


@steps.step
def exec_when_ended(engine):
    name = engine.running("", "true")
    engine("wait", name).ok()
    return engine("exec", name, "true").failure
