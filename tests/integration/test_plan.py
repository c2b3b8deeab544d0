"""`brig plan`: what create would do, told without doing it."""

import json
import os

import pytest

import messages as m
from harness import cgroups
from harness.spec import USER_NAMESPACE, bind, mount, namespaces

pytestmark = pytest.mark.sanitize


def sections(text):
    """{title: lines}: a title stands at the margin, its lines are indented."""
    found, title = {}, None
    for line in text.splitlines():
        if line and not line.startswith(" "):
            title = line
            found[title] = []
        elif line:
            found[title].append(line)
    return found


def planned(bundle, *flags, **options):
    return bundle.call("plan", bundle.path, *flags, **options).ok().stdout


def test_the_plan_tells_who_the_container_is_and_what_it_runs(bundle):
    bundle.configure({"process.args": ["/bin/echo", "a b"], "process.env": ["PATH=/bin"]})
    told = sections(planned(bundle, "--id", "web"))
    assert told["container web"] == [f"  bundle {bundle.path}, OCI 1.3.0"]
    assert told["the program"] == ["  descriptors kept: 0, 1, 2", '  arg "/bin/echo"', '  arg "a b"',
                                   "  env PATH=/bin", "  env HOME= what /etc/passwd has for the user"]


def test_the_bundle_is_the_operand_or_the_option_or_the_current_directory(bundle):
    bundle.configure()
    told = planned(bundle)
    assert told == bundle.call("plan", "--bundle", bundle.path).ok().stdout
    assert told == bundle.call("plan", cwd=bundle.path).ok().stdout


def test_a_plan_makes_nothing(bundle):
    """Beyond what is checked after every test: the directory for state does not come to be either."""
    bundle.configure()
    os.rmdir(bundle.state_root)
    before = sorted(os.listdir(bundle.path)), sorted(os.listdir(bundle.rootfs))
    planned(bundle)
    assert (sorted(os.listdir(bundle.path)), sorted(os.listdir(bundle.rootfs))) == before
    assert cgroups.existing(bundle.cgroup) == []
    os.mkdir(bundle.state_root)


def test_create_does_what_the_plan_says(bundle):
    """The cgroups and the mounts."""
    bundle.folder("data")
    bundle.configure({"process.args": ["/bin/sleep", "1000"],
                      "mounts+": [bind(f"{bundle.path}/data", "/srv"), mount("/mnt", "tmpfs", "tmpfs")]})
    told = sections(planned(bundle, "--id", bundle.id))
    bundle.create().ok()
    [cgroup_title] = [title for title in told if title.startswith("cgroup (")]
    made = [line.split()[1] for line in told[cgroup_title] if line.startswith("  make ")]
    assert sorted(made) == sorted(bundle.cgroup_directories()) and made
    targets = [line.split(":")[0].strip()
               for line in told["mounts, made detached and attached in this order"]]
    with open(f"/proc/{bundle.pid}/mountinfo") as file:
        mounted = [line.split()[4] for line in file]
    assert [target for target in targets if target not in mounted] == [] and "/srv" in targets


def test_as_json_the_plan_says_the_same(bundle):
    bundle.configure({"linux.seccomp": {"defaultAction": "SCMP_ACT_ALLOW"}})
    told = sections(planned(bundle))
    as_json = json.loads(planned(bundle, "--format", "json"))
    assert (as_json["id"], as_json["bundle"]) == ("ID", bundle.path)
    assert [section["title"] for section in as_json["sections"]] == list(told)
    for section in as_json["sections"]:
        words = [word for step in section["steps"]
                 for text in (step["what"], *step.get("details", [])) for word in text.split()]
        assert words == [word for line in told[section["title"]] for word in line.split()]


FAULTS = [  # what create says too, with its own name in front
    ({"process.args": []}, "process.args", "must have at least one entry"),
    ({"mounts+": [bind("/tmp", "/mnt", "rx")]}, "mounts[7].options",
     "unknown option 'rx' for a bind mount"),
    ({"linux.namespaces": namespaces("pid", "mount", "uts", "ipc", network="/etc/passwd")},
     "linux.namespaces", "network: /etc/passwd is not a namespace"),
]


@pytest.mark.parametrize("changes, path, text", FAULTS, ids=[path for _, path, _ in FAULTS])
def test_what_create_refuses_has_no_plan(bundle, changes, path, text):
    bundle.configure(changes)
    bundle.create().fails(m.config_error(bundle, "create", (path, text)))
    bundle.call("plan", bundle.path).fails(
        f"brig: plan: config.json:{bundle.position(path)}: {path}: {text}")


def test_faults_of_several_mechanisms_are_told_at_once(bundle):
    bundle.configure({"mounts+": [bind("/tmp", "/mnt", "rx")], "process.selinuxLabel": "a:b:c:d"})
    bundle.call("plan", bundle.path).fails(
        f"brig: plan: config.json:{bundle.position('mounts[7].options')}: mounts[7].options: "
        "unknown option 'rx' for a bind mount\n"
        + m.NO_MODULE.format(member="process.selinuxLabel", module="SELinux"))


def test_an_ordinary_user_can_ask_for_a_plan(bundle):
    os.chmod(bundle.path, 0o755)
    bundle.configure({"linux.namespaces+": namespaces("user"), **USER_NAMESPACE}, ["linux.resources"])

    def become_nobody():
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)

    told = sections(planned(bundle, before=become_nobody))
    assert "  fork into new user mount pid network ipc uts" in told["the process"]


@pytest.mark.parametrize("words, text", [
    (("--format", "yaml"), "brig: plan: invalid format option: yaml (known: text, json)"),
    (("--id", "a/b"), "brig: plan: " + m.ID_CHARACTERS.format(id="a/b")),
    (("a", "b"), m.WRONG_COUNT.format(command="plan", bound="a maximum of 1", operands="[<bundle>]"))],
    ids=["format", "id", "operands"])
def test_a_wrong_command_line_is_refused(bundle, words, text):
    bundle.configure()
    bundle.call("plan", *words, cwd=bundle.path).fails(text)
