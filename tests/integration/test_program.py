"""The container's program: found in PATH, started in its directory with its environment."""

import os
import struct

import pytest

import messages as m
from harness.spec import bind, mount, shell

pytestmark = pytest.mark.sanitize

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


# ---- environment --------------------------------------------------------------------------------

@pytest.mark.parametrize("user, home", [(0, "/root"), (1000, "/home/alice"), (1001, "/"),
                                        (4242, "/")])
def test_home_comes_from_the_containers_passwd(bundle, user, home):
    seen = bundle.posture({"process.user": {"uid": user, "gid": 0}, "process.env": [PATH]})
    assert seen["env"] == [PATH, "HOME=" + home]


def test_home_of_the_config_is_kept(bundle):
    seen = bundle.posture({"process.env": [PATH, "HOME=/srv"]})
    assert seen["env"] == [PATH, "HOME=/srv"]


def test_of_a_variable_given_twice_the_last_counts(bundle):
    seen = bundle.posture({"process.env": ["A=1", PATH, "A=2", "HOME=/"]})
    assert sorted(seen["env"]) == sorted(["A=2", PATH, "HOME=/"])


def test_nothing_of_the_callers_environment_arrives(bundle):
    bundle.configure({"process.args": ["/probe"], "process.env": [PATH]})
    out = bundle.run(env={"SECRET": "x", "LD_LIBRARY_PATH": "/nowhere", "HOME": "/x"}).ok().stdout
    assert f'"env":["{PATH}","HOME=/root"]' in out


def test_a_container_without_an_environment_has_home_alone(bundle):
    seen = bundle.posture(without=["process.env"])
    assert seen["env"] == ["HOME=/root"]


@pytest.mark.parametrize("spoil", ["fifo", "directory", "missing", "no line", "huge line"])
def test_home_does_not_depend_on_a_good_passwd(bundle, spoil):
    path = bundle.inside("etc/passwd")
    os.unlink(path)
    if spoil == "fifo":
        os.mkfifo(path)
    elif spoil == "directory":
        os.mkdir(path)
    elif spoil != "missing":
        bundle.file("rootfs/etc/passwd", "x" * 5_000_000 if spoil == "huge line" else "# none\n")
    assert "HOME=/" in bundle.posture()["env"]


def test_a_passwd_that_is_a_link_is_resolved_inside(bundle):
    os.unlink(bundle.inside("etc/passwd"))
    os.symlink("/../../../../../../srv/passwd", bundle.inside("etc/passwd"))
    bundle.file("rootfs/srv/passwd", "root:x:0:0::/from/inside:/bin/sh\n")
    assert "HOME=/from/inside" in bundle.posture()["env"]


# ---- working directory --------------------------------------------------------------------------

@pytest.mark.parametrize("cwd", ["/", "/root", "/usr/bin", "/home/alice/"])
def test_the_program_starts_in_its_directory(bundle, cwd):
    assert bundle.posture({"process.cwd": cwd})["cwd"] == (cwd.rstrip("/") or "/")


@pytest.mark.parametrize("readonly", [False, True])
def test_a_missing_directory_is_made(bundle, readonly):
    seen = bundle.posture({"process.cwd": "/srv/deep/er", "root.readonly": readonly})
    assert seen["cwd"] == "/srv/deep/er"


def test_a_directory_on_a_mount_is_seen_there(bundle):
    seen = bundle.posture({"process.cwd": "/mnt/sub",
                           "mounts+": [mount("/mnt", "tmpfs", "tmpfs")]})
    assert seen["cwd"] == "/mnt/sub"


def test_a_directory_only_root_may_enter_can_be_where_a_user_starts(bundle):
    """As runc: the directory is entered before the privileges are dropped."""
    os.chmod(bundle.inside("root"), 0o700)
    seen = bundle.posture({"process.cwd": "/root", "process.user": {"uid": 1000, "gid": 1000},
                           "process.capabilities": {}})
    assert (seen["cwd"], seen["uids"]) == ("/root", [1000] * 3)


def test_a_directory_that_is_a_file_is_named(bundle):
    bundle.configure({"process.cwd": "/etc/passwd"})
    bundle.create().fails(m.bad_cwd(bundle, "/etc/passwd", "not a directory (ENOTDIR)"))


@pytest.mark.parametrize("number", range(3, 20))
def test_no_descriptor_leads_out_through_the_working_directory(bundle, number):
    """CVE-2024-21626: a descriptor of the host's, entered by its number."""
    secret = bundle.file("secret", "of the host")
    up = "../" * 12 + secret.lstrip("/")
    bundle.configure({**shell(f"cat {up} /proc/self/cwd/{up}"),
                      "process.cwd": f"/proc/self/fd/{number}"})
    outcome = bundle.run()
    assert outcome.status != 0, str(outcome)
    assert "of the host" not in outcome.stdout


# ---- finding the program ------------------------------------------------------------------------

def test_a_program_is_looked_up_in_the_path_of_the_container(bundle):
    bundle.file("rootfs/srv/tool", "#!/bin/sh\necho from srv\n", 0o755)
    bundle.configure({"process.args": ["tool"], "process.env": ["PATH=/nowhere:/srv:/bin"]})
    assert bundle.run(env={"PATH": "/bin"}).ok().stdout == "from srv\n"


def test_what_cannot_be_executed_is_passed_over_in_the_path(bundle):
    bundle.folder("rootfs/usr/local/bin/tool")
    bundle.file("rootfs/usr/bin/tool", "#!/bin/sh\necho wrong\n", 0o644)
    bundle.file("rootfs/bin/tool", "#!/bin/sh\necho right\n", 0o755)
    bundle.configure({"process.args": ["tool"]})
    assert bundle.run().ok().stdout == "right\n"


def test_the_arguments_arrive_as_they_are(bundle):
    words = ["/probe", "", "two words", "üñ", "$HOME", "--exit", "0"]
    bundle.configure({"process.args": words})
    out = bundle.run().ok().stdout
    assert '"argv":["/probe","","two words",' in out


def test_a_program_relative_to_the_directory_is_started(bundle):
    bundle.file("rootfs/srv/tool", "#!/bin/sh\necho here\n", 0o755)
    bundle.configure({"process.args": ["./tool"], "process.cwd": "/srv"})
    assert bundle.run().ok().stdout == "here\n"


def prepare(bundle):
    bundle.file("rootfs/srv/plain", "#!/bin/sh\n", 0o644)
    bundle.file("rootfs/srv/text", "not a program\n", 0o755)
    bundle.file("rootfs/srv/script", "#!/no/such/interpreter\n", 0o755)
    bundle.file("rootfs/srv/empty", "", 0o755)
    bundle.file("rootfs/srv/arm", executable_of(40), 0o755)
    bundle.folder("mounted")
    bundle.file("mounted/script", "#!/mounted/gone\n", 0o755)
    os.symlink("gone", bundle.inside("srv/dangling"))
    os.symlink("loop", bundle.inside("srv/loop"))


AT_CREATE = [  # args[0], what is said
    ("no-such-program", m.NOT_IN_PATH),
    ("/no/such/program", m.NO_SUCH_PROGRAM),
    ("./no-such", m.NO_SUCH_PROGRAM),
    ("/srv/dangling", m.NO_SUCH_PROGRAM),
    ("/srv/plain", m.NOT_EXECUTABLE),
    ("/etc", m.IS_A_DIRECTORY),
    ("/etc/passwd/x", m.BELOW_A_FILE),
    ("/srv/loop", m.LINK_LOOP),
]


@pytest.mark.parametrize("command", ["create", "run"])
@pytest.mark.parametrize("program, text", AT_CREATE, ids=[row[0] for row in AT_CREATE])
def test_a_program_that_cannot_be_started_fails_the_create(bundle, program, text, command):
    """Engines take their exit codes 126 and 127 from these words (engines.md 0.4)."""
    prepare(bundle)
    bundle.configure({"process.args": [program]})
    call = bundle.create if command == "create" else bundle.run
    call().fails(m.said(command, bundle.id, text.format(program=program)))


def executable_of(machine):
    """The begin of an ELF file, in characters below 256."""
    begin = b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack("<HHI", 2, machine, 1)
    return (begin + bytes(100)).decode("ascii")


def with_program(bundle, program):
    prepare(bundle)
    bundle.configure({"process.args": [program],
                      "mounts+": [bind(f"{bundle.path}/mounted", "/mounted")]})


AT_START = [("/srv/text", m.NO_PROGRAM), ("/srv/empty", m.EMPTY_PROGRAM),
            ("/srv/script", m.NO_INTERPRETER.replace("{interpreter}", "/no/such/interpreter")),
            ("/srv/arm", m.OTHER_MACHINE.replace("{machine}", "arm")),
            ("/mounted/script", m.NO_INTERPRETER.replace("{interpreter}", "/mounted/gone"))]


@pytest.mark.parametrize("program, text", AT_START, ids=[row[0] for row in AT_START])
def test_what_only_execve_finds_out_reaches_the_caller_of_start(bundle, program, text):
    with_program(bundle, program)
    bundle.create().ok()
    bundle.start().fails(m.said("start", bundle.id, text.format(program=program)))
    bundle.end()
    assert bundle.status() == "stopped"


@pytest.mark.parametrize("program, text", AT_START, ids=[row[0] for row in AT_START])
def test_what_only_execve_finds_out_reaches_the_caller_of_run(bundle, program, text):
    with_program(bundle, program)
    bundle.run().fails(m.said("run", bundle.id, text.format(program=program)))


@pytest.mark.parametrize("program, text", AT_START, ids=[row[0] for row in AT_START])
def test_what_only_execve_finds_out_reaches_the_caller_of_exec(bundle, program, text):
    prepare(bundle)
    bundle.running({"mounts+": [bind(f"{bundle.path}/mounted", "/mounted")]})
    bundle.call("exec", bundle.id, program).fails(
        m.said("exec", bundle.id, text.format(program=program)), 255)


def test_an_executable_that_the_kernel_alone_refuses_is_left_unexplained(bundle):
    """One for this machine, without anything to load."""
    bundle.file("rootfs/srv/hollow", executable_of(62), 0o755)
    bundle.configure({"process.args": ["/srv/hollow"]})
    bundle.run().fails(m.said("run", bundle.id, m.BAD_FORMAT.format(program="/srv/hollow")))


def test_the_user_is_who_must_be_able_to_execute(bundle):
    bundle.file("rootfs/srv/mine", "#!/bin/sh\necho mine\n", 0o700)
    bundle.configure({"process.args": ["/srv/mine"], "process.user": {"uid": 1000, "gid": 1000},
                      "process.capabilities": {}})
    bundle.create().fails(m.said("create", bundle.id, m.NOT_EXECUTABLE.format(program="/srv/mine")))


# ---- whatever the caller is like ----------------------------------------------------------------

def delete_own_directory():
    os.mkdir("gone")
    os.chdir("gone")
    os.rmdir("../gone")


@pytest.mark.parametrize("before", [
    lambda: os.umask(0o777), delete_own_directory, lambda: os.nice(5), lambda: os.setpgid(0, 0),
    os.setsid], ids=["umask", "deleted cwd", "nice", "process group", "session"])
def test_the_callers_own_state_makes_no_difference(bundle, before):
    bundle.configure({"process.args": ["/probe"]})
    wanted, seen = bundle.run().ok().stdout, bundle.run(before=before, cwd=bundle.path).ok().stdout
    for name in ('"umask":18', '"cwd":"/"', '"sid":1', '"pgid":1'):
        assert name in wanted and name in seen
