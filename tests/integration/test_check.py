"""`brig check`: what stands in the way of a bundle on this host, without running anything."""

import json
import os
import resource

import pytest

import messages as m
from harness import host
from harness.spec import USER_NAMESPACE, bind, mount, namespaces, spec_with
from test_config_errors import TYPES, VALUES

pytestmark = pytest.mark.sanitize

FINE = "0 errors, 0 warnings: create can do this here\n"


def said(bundle, *findings):
    """`findings`: (severity, JSON path, text, remedy or None), in the order of the document."""
    out, count = "", {"error": 0, "warning": 0}
    for severity, path, text, remedy in findings:
        out += f"config.json:{bundle.position(path)}: {severity}: {path + ': ' if path else ''}{text}\n"
        out += f"  {remedy}\n" if remedy else ""
        count[severity] += 1
    errors, warnings = count["error"], count["warning"]
    return (out + f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}: "
            + ("create would fail\n" if errors else "create can do this here\n"))


def check(bundle, *findings, **options):
    """The text, and the exit status; nothing on standard error."""
    failing = any(severity == "error" for severity, *_ in findings)
    outcome = bundle.call("check", bundle.path, **options).exits(1 if failing else 0)
    assert (outcome.stdout, outcome.stderr) == (said(bundle, *findings), ""), str(outcome)


def error(path, text, remedy=None):
    return "error", path, text, remedy


def warning(path, text, remedy=None):
    return "warning", path, text, remedy


def test_a_good_bundle_has_no_findings(bundle):
    bundle.configure()
    bundle.call("check", bundle.path).ok(FINE)
    bundle.call("check", "--bundle", bundle.path).ok(FINE)
    bundle.call("check", cwd=bundle.path).ok(FINE)


def test_check_makes_nothing(bundle):
    bundle.configure()
    os.rmdir(bundle.state_root)
    before = sorted(os.listdir(bundle.path)), sorted(os.listdir(bundle.rootfs))
    bundle.call("check", bundle.path).ok(FINE)
    assert (sorted(os.listdir(bundle.path)), sorted(os.listdir(bundle.rootfs))) == before
    os.mkdir(bundle.state_root)


# ---- the rules ----------------------------------------------------------------------------------

@pytest.mark.parametrize("key, value, path, text", TYPES, ids=lambda v: str(v)[:40])
def test_a_value_of_the_wrong_type_is_found(bundle, key, value, path, text):
    bundle.write_config(json.dumps(spec_with({key: value}), indent=2))
    found = findings_of(bundle, 1)
    assert ("error", path, text) in [(f["severity"], f["path"], f["message"]) for f in found]


@pytest.mark.parametrize("changes, path, text", VALUES,
                         ids=[f"{path}: {text}"[:60] for _, path, text in VALUES])
def test_a_value_the_specification_forbids_is_found(bundle, changes, path, text):
    bundle.configure(changes)
    errors = [f for f in findings_of(bundle, 1) if f["severity"] == "error"]
    line, column = map(int, bundle.position(path).split(":"))
    assert errors[0] == {"severity": "error", "path": path, "line": line, "column": column,
                         "message": text, **{k: errors[0][k] for k in ("remedy",) if k in errors[0]}}


def findings_of(bundle, status, *words, **options):
    outcome = bundle.call("check", "--format", "json", bundle.path, *words, **options).exits(status)
    document = json.loads(outcome.stdout)
    assert document["bundle"] == bundle.path and document["config"] == "config.json"
    assert document["passes"] == (status == 0)
    return document["findings"]


def test_rules_and_files_are_found_at_once_in_the_order_of_the_document(bundle):
    bundle.configure({"process.cwd": "tmp", "root.path": "nowhere",
                      "hooks": {"poststop": [{"path": "/nowhere/hook"}]}})
    check(bundle,
          error("process.cwd", m.absolute("tmp")),
          error("root.path", "stat nowhere: no such file or directory (ENOENT)"),
          warning("hooks.poststop[0].path", "'/nowhere/hook' cannot be executed: "
                  + m.HOOK_MISSING.format(path="/nowhere/hook"), m.HOOK_REMEDY))


UNKNOWN = "unknown member; ignored"


def test_members_that_nobody_reads_are_a_warning(bundle):
    bundle.configure({"process.noNewPrivilege": True, "hostName": "x", "windows": {},
                      "linux.resources.memory": {"Limit": 1}})
    check(bundle,
          warning("process.noNewPrivilege", UNKNOWN, "did you mean 'noNewPrivileges'?"),
          warning("linux.resources.memory.Limit", UNKNOWN, "did you mean 'limit'?"),
          warning("hostName", UNKNOWN, "did you mean 'hostname'?"),
          warning("windows", "is for another platform; ignored"))
    bundle.run().ok("")


def test_what_is_no_json_has_a_place_too(bundle):
    bundle.write_config('{\n  "a": 1,\n}')
    outcome = bundle.call("check", bundle.path).exits(1)
    create = bundle.create().exits(1).stderr
    place, _, text = create.removeprefix(f"brig: create '{bundle.id}': ").strip().partition(": ")
    assert outcome.stdout == (f"{place}: error: {text}\n"
                              "1 error, 0 warnings: create would fail\n")


@pytest.mark.parametrize("missing", ["bundle", "config.json"])
def test_a_bundle_that_is_not_there_is_a_finding(bundle, missing):
    path = "/nowhere" if missing == "bundle" else bundle.path
    text = m.no_bundle(path) if missing == "bundle" else m.NO_CONFIG
    outcome = bundle.call("check", path).exits(1)
    assert outcome.stdout == (f"config.json:1:1: error: {text}\n"
                              "1 error, 0 warnings: create would fail\n")


# ---- this host ----------------------------------------------------------------------------------

def test_what_cannot_be_planned_here_is_found_for_every_mechanism(bundle):
    bundle.configure({"mounts+": [bind("/tmp", "/mnt", "rx")],
                      "process.apparmorProfile": "x", "process.selinuxLabel": "a:b:c:d"})
    apparmor = os.path.exists("/sys/module/apparmor/parameters/enabled")
    check(bundle,
          error("process.selinuxLabel" if apparmor else "process.apparmorProfile",
                "SELinux is not enabled on this host; leave the label out" if apparmor else
                "AppArmor is not enabled on this host; leave the label out"),
          error("mounts[7].options", "unknown option 'rx' for a bind mount"))


def test_a_missing_source_is_found(bundle):
    bundle.configure({"mounts+": [bind("/nowhere", "/mnt")]})
    check(bundle, error("mounts[7]", "bind /nowhere: open /nowhere: "
                        "no such file or directory (ENOENT)", m.SOURCE_REMEDY))
    bundle.create().fails(m.missing_source(bundle, "mounts[7]", "/nowhere"))


def test_a_filesystem_that_the_kernel_lacks_is_found(bundle):
    bundle.configure({"mounts+": [mount("/mnt", "nosuchfs", "none")]})
    check(bundle, error("mounts[7]", "mount nosuchfs on /mnt: this kernel has no filesystem 'nosuchfs'",
                        m.FILESYSTEM_REMEDY))
    bundle.create().fails(m.unknown_filesystem(bundle, "mounts[7]", "nosuchfs"))


def test_a_kernel_parameter_that_is_not_there_is_found(bundle):
    bundle.configure({"linux.sysctl": {"net.ipv4.no_such": "1"}})
    check(bundle, error('linux.sysctl["net.ipv4.no_such"]', "this kernel has no such parameter",
                        "load the module that brings it, or take the parameter out"))
    bundle.create().fails(m.missing_sysctl(bundle, "net.ipv4.no_such"))


def without_resource_capability():
    """CAP_SYS_RESOURCE out of the bounding set: the next execve loses it."""
    assert host.libc.prctl(24, 24, 0, 0, 0) == 0


def test_a_limit_above_what_may_be_set_is_found(bundle):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    bundle.configure({"process.rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1, "hard": hard + 1}]})
    check(bundle, error("process.rlimits[0].hard",
                        f"set RLIMIT_NOFILE to 1:{hard + 1}: the hard limit here is {hard} and raising "
                        "it needs CAP_SYS_RESOURCE",
                        f"ask for at most {hard}, or run brig with CAP_SYS_RESOURCE"),
          before=without_resource_capability)


def test_ids_that_are_not_mapped_are_found(bundle):
    bundle.configure({"linux.namespaces+": namespaces("user"), **USER_NAMESPACE,
                      "process.user": {"uid": 70000, "gid": 70001, "additionalGids": [1, 70002]}})
    text = "{} is not mapped in the container's user namespace"
    check(bundle, *(error(path, text.format(number), "map it, or choose another")
                    for path, number in [("process.user.uid", 70000), ("process.user.gid", 70001),
                                         ("process.user.additionalGids[1]", 70002)]))


def test_who_has_no_privilege_is_told_what_create_does_about_it(bundle):
    def become_nobody():
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)

    bundle.configure({"process.user": {"uid": 70000, "gid": 0}}, ["linux.resources", "process.rlimits"])
    found = findings_of(bundle, 1, before=become_nobody)
    told = {(f["severity"], f["path"], f["message"]) for f in found if not f["path"].startswith("linux.res")}
    assert told == {
        ("error", "process.user.uid", "70000 is not mapped in the container's user namespace"),
        ("warning", "linux.namespaces", "no user namespace; using one whose root is you")}


def test_system_calls_that_libseccomp_does_not_know_are_a_warning(bundle):
    bundle.configure({"linux.seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["mkdir", "no_such_call", "nor_this"], "action": "SCMP_ACT_ERRNO"}]}})
    version = bundle.call("version").ok().stdout.split("libseccomp: ")[1].strip()
    check(bundle, warning("linux.seccomp.syscalls[0].names", f"not known to libseccomp {version}: "
                          "no_such_call, nor_this; the rule does not cover them"))
    bundle.run().ok("")


# ---- hooks --------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind, severity", [("prestart", "error"), ("createRuntime", "error"),
                                            ("createContainer", "error"), ("poststart", "warning"),
                                            ("poststop", "warning")])
def test_a_hook_that_cannot_be_executed_is_found(bundle, kind, severity):
    plain = bundle.file("plain", "#!/bin/sh\n", 0o644)
    bundle.configure({"hooks": {kind: [{"path": "/bin/true"}, {"path": plain}, {"path": "/tmp"}]}})
    path = f"hooks.{kind}[{{}}].path"
    check(bundle,
          (severity, path.format(1), f"'{plain}' cannot be executed: "
           + m.HOOK_DENIED.format(path=plain), m.HOOK_REMEDY),
          (severity, path.format(2), "'/tmp' cannot be executed: is not a regular file", m.HOOK_REMEDY))


def test_a_hook_of_the_container_is_looked_for_in_its_root(bundle):
    bundle.configure({"hooks": {"startContainer": [{"path": "/probe"}, {"path": bundle.path}]}})
    check(bundle, error("hooks.startContainer[1].path", f"'{bundle.path}' cannot be executed in the "
                        "container: no such file or directory",
                        "it is looked up in the root file system: install it there, or take the "
                        "hook out"))


# ---- the program --------------------------------------------------------------------------------

def lacks(bundle, text, severity="error"):
    check(bundle, (severity, "process.args[0]", text, m.PROGRAM_REMEDY))


@pytest.mark.parametrize("program, text", [
    ("nowhere", m.NOT_IN_PATH), ("/nowhere", m.NO_SUCH_PROGRAM), ("./nowhere", m.NO_SUCH_PROGRAM),
    ("/etc/passwd", m.NOT_EXECUTABLE), ("/etc", m.IS_A_DIRECTORY), ("/etc/passwd/x", m.BELOW_A_FILE)])
def test_a_program_that_cannot_be_executed_is_found_as_create_says_it(bundle, program, text):
    bundle.configure({"process.args": [program]})
    lacks(bundle, text.format(program=program))
    bundle.create().fails(m.said("create", bundle.id, text.format(program=program)))


def test_the_program_is_looked_up_inside_the_root_only(bundle):
    """Links that lead out of the image end inside it; one of the host's programs does not count."""
    assert os.path.exists("/usr/bin/python3")
    os.symlink("../../../../../../../usr/bin/python3", bundle.inside("up"))
    os.symlink("/usr/bin/python3", bundle.inside("absolute"))
    os.symlink("/bin/busybox", bundle.inside("inside"))
    for link in ("/up", "/absolute"):
        bundle.configure({"process.args": [link]})
        lacks(bundle, m.NO_SUCH_PROGRAM.format(program=link))
    bundle.configure({"process.args": ["/inside", "true"]})
    check(bundle)


@pytest.mark.parametrize("program", ["sleep", "/bin/sleep", "./sleep", "../bin/sleep", "bin/../sleep"])
def test_a_program_is_found_as_the_container_finds_it(bundle, program):
    bundle.configure({"process.args": [program], "process.cwd": "/bin", "process.env": ["PATH=.:/bin"]})
    os.mkdir(bundle.inside("bin/bin"))
    check(bundle)


def test_a_program_in_what_is_bound_is_found(bundle):
    bundle.folder("tools")
    bundle.file("tools/tool", "#!/bin/sh\n", 0o755)
    bundle.configure({"process.args": ["/srv/tool"], "mounts+": [bind(f"{bundle.path}/tools", "/srv")]})
    check(bundle)


def test_what_a_mount_may_bring_is_only_doubted(bundle):
    bundle.folder("tools")
    bundle.configure({"process.args": ["/srv/tool"], "mounts+": [bind(f"{bundle.path}/tools", "/srv")]})
    lacks(bundle, m.NO_SUCH_PROGRAM.format(program="/srv/tool") + m.DOUBT, "warning")


def test_what_a_hook_may_bring_is_only_doubted(bundle):
    bundle.configure({"process.args": ["/nowhere"],
                      "hooks": {"createRuntime": [{"path": "/bin/true"}]}})
    lacks(bundle, m.NO_SUCH_PROGRAM.format(program="/nowhere") + m.DOUBT, "warning")


@pytest.mark.parametrize("interpreter", ["/bin/nosh", "/lib64/ld-nowhere.so"])
def test_a_program_without_its_interpreter_is_a_warning(bundle, interpreter):
    if interpreter == "/bin/nosh":
        text = b"#!/bin/nosh\n"
    else:
        with open("/bin/true", "rb") as file:
            text = file.read()
        loader = b"/lib64/ld-linux-x86-64.so.2\0"
        assert loader in text
        text = text.replace(loader, interpreter.encode().ljust(len(loader), b"\0"))
    with open(bundle.inside("program"), "wb") as file:
        file.write(text)
    os.chmod(bundle.inside("program"), 0o755)
    bundle.configure({"process.args": ["/program"]})
    check(bundle, warning("process.args[0]", f"'/program' needs the interpreter '{interpreter}', which "
                          "is not there: start would fail",
                          "put it into the root file system, for a dynamic executable with its "
                          "libraries"))
    bundle.create().ok()
    bundle.start().fails(m.said("start", bundle.id, m.NO_INTERPRETER.format(
        program="/program", interpreter=interpreter)))


def test_a_working_directory_that_is_a_file_is_found(bundle):
    bundle.configure({"process.cwd": "/etc/passwd"})
    check(bundle, error("process.cwd", "'/etc/passwd' is not a directory in the root file system",
                        "name a directory"))
    bundle.create().exits(1)


# ---- what others wrote --------------------------------------------------------------------------

def adapted(name, folder, bundle):
    with open(os.path.join(folder, name + ".json")) as file:
        spec = json.load(file)
    spec["linux"]["cgroupsPath"] = bundle.cgroup
    bundle.write_config(json.dumps(spec, indent=2))


@pytest.mark.skipif(not os.path.isdir(host.CORPUS), reason="no corpus; set BRIG_CORPUS")
@pytest.mark.parametrize("engine", ["podman", "docker", "containerd"])
def test_what_an_engine_wrote_passes(bundle, engine):
    adapted(engine, host.CORPUS, bundle)
    found = findings_of(bundle, 0)
    assert [f for f in found if not f["message"].startswith("not known to libseccomp")] == []


@pytest.mark.parametrize("name", ["small", "terminal"])
def test_the_configurations_of_newcomers_pass(bundle, name):
    with open(os.path.join(os.path.dirname(__file__), "data", f"newcomer-{name}.json")) as file:
        bundle.write_config(file.read())
    findings_of(bundle, 0)


def test_what_brig_writes_passes(bundle):
    bundle.call("spec", "--bundle", bundle.path).ok("")
    bundle.call("check", bundle.path).ok(FINE)
