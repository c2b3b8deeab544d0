"""--cgroup-manager=systemd, against a systemd that is none (harness/fake_systemd.py): what it is
asked, and what happens when it refuses, is wrong or says nothing. tests/vm has a real one."""

import os
import signal

import pytest

import messages as m
from harness import cgroups, host, processes
from harness.fake_systemd import SLICE
from harness.spec import USER_NAMESPACE, shell


def path_of(bundle):
    return f"/{SLICE}/x-{bundle.id}.scope"


@pytest.fixture(params=["this-host", "pure-v2"])
def setting(request, make_setting):
    return make_setting(pure_v2=request.param == "pure-v2")


@pytest.fixture
def any_setting(make_setting):
    return make_setting(pure_v2=True)


# ---- what systemd is asked -----------------------------------------------------------------------

def test_a_scope_is_made_around_the_process_and_stopped_at_the_end(setting):
    setting.configure(shell("exit 3"))
    setting.bundle.run().exits(3)
    unit = setting.systemd.unit
    assert (unit.name, unit.mode, unit.auxiliary) == (setting.name, "replace", [])
    assert unit.order[:6] == ["Description", "DefaultDependencies", "CollectMode", "Slice",
                              "Delegate", "TasksMax"]
    assert unit.properties["Slice"] == SLICE
    assert unit.properties["Delegate"] is True
    assert len(unit.properties["PIDs"]) == 1
    assert setting.systemd.members() == ["StartTransientUnit", "StopUnit"]
    assert setting.systemd.units == {}


def test_the_process_is_in_the_units_cgroup_when_systemd_hears_of_it(setting):
    setting.configure(shell("cat /proc/self/cgroup"))
    seen = []
    setting.systemd.on_start = lambda unit: seen.append(cgroups.of_process(unit.pid).get(""))
    said = setting.bundle.run().ok().stdout
    assert seen == [path_of(setting.bundle)]
    assert f"::{seen[0]}\n" in said


def test_without_a_path_the_unit_is_named_after_the_container(any_setting):
    any_setting.configure({"linux.cgroupsPath": f"{SLICE}::{any_setting.bundle.id}"})
    any_setting.bundle.run().ok()
    assert any_setting.systemd.unit.name == f"{any_setting.bundle.id}.scope"


def test_limits_are_properties(any_setting):
    any_setting.configure({"linux.resources": {"pids": {"limit": -1}}, "annotations": {
        "org.systemd.property.TimeoutStopUSec": "uint64 5", "org.systemd.property.After": "['a']",
        "org.systemd.property.RuntimeMaxSec": "3"}})
    any_setting.bundle.run().ok()
    properties = any_setting.systemd.unit.properties
    assert properties["TasksMax"] == 2**64 - 1
    assert properties["TimeoutStopUSec"] == 5
    assert properties["After"] == ["a"]
    assert properties["RuntimeMaxUSec"] == 3_000_000


def test_on_v1_devices_are_properties_too(make_setting):
    if not cgroups.is_v1("devices"):
        pytest.skip("a host with a v1 devices hierarchy")
    setting = make_setting()
    setting.configure({"linux.resources": {
        "devices": [{"allow": False, "access": "rwm"}], "memory": {"limit": 1 << 26}}})
    setting.bundle.run().ok()
    properties = setting.systemd.unit.properties
    assert properties["DevicePolicy"] == "strict"
    assert ("/dev/char/1:3", "rwm") in properties["DeviceAllow"]
    assert properties["MemoryLimit"] == 1 << 26


def test_on_v1_limits_are_in_place_when_the_container_runs(make_setting):
    if not cgroups.is_v1("memory"):
        pytest.skip("a host with a v1 memory hierarchy")
    setting = make_setting()
    setting.configure({"linux.resources": {"memory": {"limit": 1 << 26}}})
    setting.bundle.create().ok()
    assert cgroups.read("memory", path_of(setting.bundle), "memory.limit_in_bytes") == str(1 << 26)


@pytest.mark.parametrize("pure_v2", [False, True], ids=["this-host", "pure-v2"])
def test_a_process_in_a_user_namespace_is_in_the_units_cgroup(make_setting, pure_v2):
    setting = make_setting(pure_v2=pure_v2, owner=100000)
    setting.configure({**USER_NAMESPACE, "linux.namespaces+": [{"type": "user"}]})
    setting.bundle.create().ok()
    assert cgroups.of_process(setting.bundle.pid)[""] == path_of(setting.bundle)
    if pure_v2:  # nobody waited: systemd was told of the process that goes on
        assert setting.systemd.unit.pid == setting.bundle.pid


def test_the_state_names_the_unit(any_setting):
    any_setting.configure({"process.args": ["/bin/sleep", "1000"]})
    any_setting.bundle.create().ok()
    assert any_setting.bundle.state()["systemd-scope"] == any_setting.name


def test_an_update_goes_to_the_unit_too(any_setting):
    any_setting.configure({"process.args": ["/bin/sleep", "1000"]})
    any_setting.bundle.create().ok()
    any_setting.systemd.refusals = {"SetUnitProperties": [("org.x.Denied", "Not today.")]}
    outcome = any_setting.bundle.call("update", "--pids-limit", "-1", any_setting.bundle.id)
    assert outcome.exits(1).stderr.endswith("Not today. (org.x.Denied)\n")
    any_setting.bundle.call("update", "--pids-limit", "-1", any_setting.bundle.id).ok()
    unit, at_runtime, properties = any_setting.systemd.asked("SetUnitProperties")[-1].arguments
    assert (unit, at_runtime) == (any_setting.name, True)
    assert dict(properties) == {"TasksMax": 2**64 - 1}


def test_a_scope_that_is_gone_is_not_asked_about(any_setting):
    any_setting.configure({"process.args": ["/bin/sleep", "1000"]})
    any_setting.bundle.create().ok()
    any_setting.bundle.start().ok()
    processes.kill(any_setting.bundle.pid)
    any_setting.bundle.end()
    any_setting.systemd.forget(any_setting.name)
    any_setting.bundle.delete().ok()
    assert any_setting.systemd.members() == ["StartTransientUnit"]


def test_a_unit_that_failed_is_forgotten(any_setting):
    any_setting.configure()
    any_setting.systemd.kept = [any_setting.name]
    any_setting.bundle.run().ok()
    assert any_setting.systemd.members() == ["StartTransientUnit", "StopUnit", "ResetFailedUnit"]
    assert any_setting.systemd.units == {}


def test_the_bus_will_do(make_setting):
    setting = make_setting(sockets=["dbus/system_bus_socket"], pure_v2=True)
    setting.configure()
    setting.bundle.run().ok()
    assert setting.systemd.members() == [
        "Hello", "AddMatch", "StartTransientUnit", "Hello", "AddMatch", "StopUnit"]
    assert "member='JobRemoved'" in setting.systemd.asked("AddMatch")[0].arguments[0]


# ---- what can go wrong ---------------------------------------------------------------------------

def failing(setting, command="run", **options):
    outcome = setting.bundle.call(command, "--bundle", setting.bundle.path, setting.bundle.id,
                                  **options)
    assert cgroups.existing(path_of(setting.bundle)) == []
    return outcome


def test_without_systemd_the_sockets_are_named(make_setting):
    setting = make_setting(sockets=[])
    setting.configure()
    failing(setting).fails(m.said("run", setting.bundle.id, m.NO_SYSTEMD))


def test_a_path_that_names_no_unit_is_refused(any_setting):
    any_setting.configure({"linux.cgroupsPath": "/a/b"})
    failing(any_setting).fails(m.config_error(any_setting.bundle, "run", (
        "linux.cgroupsPath", m.NO_UNIT_PATH.format(path="/a/b"))))
    assert any_setting.systemd.calls == []


def test_an_annotation_that_is_no_property_is_refused(any_setting):
    any_setting.configure({"annotations": {"org.systemd.property.After": "crio.service"}})
    failing(any_setting).fails(m.config_error(any_setting.bundle, "run", (
        'annotations["org.systemd.property.After"]', m.NO_GVARIANT.format(text="crio.service"))))


def test_a_job_that_fails_fails_the_create(setting):
    setting.configure()
    setting.systemd.job_result = "failed"
    failing(setting).fails(m.said("run", setting.bundle.id,
                                  m.UNIT_JOB.format(unit=setting.name, result="failed")))
    assert setting.systemd.asked("StopUnit")


def test_a_refusal_is_repeated_with_systemds_words(any_setting):
    any_setting.configure()
    any_setting.systemd.refusals = {"StartTransientUnit": [("org.x.Denied", "Not today.")]}
    failing(any_setting).fails(m.said("run", any_setting.bundle.id, m.UNIT_REFUSED.format(
        unit=any_setting.name, text="Not today. (org.x.Denied)")))


def test_a_limit_that_an_older_systemd_does_not_know_is_left_to_the_file(any_setting):
    any_setting.configure()
    any_setting.systemd.refusals = {"StartTransientUnit": [
        ("org.freedesktop.DBus.Error.PropertyReadOnly",
         "Cannot set property CollectMode, or unknown property.")]}
    any_setting.bundle.run().ok()
    first, second = any_setting.systemd.asked("StartTransientUnit")
    assert ([name for name, _ in first.arguments[2] if name != "CollectMode"]
            == [name for name, _ in second.arguments[2]])


def test_an_annotated_property_that_systemd_does_not_know_is_an_error(any_setting):
    any_setting.configure({"annotations": {"org.systemd.property.Nonsense": "true"}})
    error = ("org.freedesktop.DBus.Error.PropertyReadOnly",
             "Cannot set property Nonsense, or unknown property.")
    any_setting.systemd.refusals = {"StartTransientUnit": [error]}
    failing(any_setting).fails(m.said("run", any_setting.bundle.id, m.UNIT_REFUSED.format(
        unit=any_setting.name, text=f"{error[1]} ({error[0]})")))


EXISTS = ("org.freedesktop.systemd1.UnitExists", "Unit x.scope was already loaded.")


def test_a_unit_that_failed_before_is_forgotten_first(any_setting):
    any_setting.configure()
    any_setting.systemd.refusals = {"StartTransientUnit": [EXISTS]}
    any_setting.bundle.run().ok()
    assert any_setting.systemd.members()[:3] == ["StartTransientUnit", "ResetFailedUnit",
                                                 "StartTransientUnit"]


def test_somebody_elses_unit_is_not_stopped(any_setting):
    any_setting.configure()
    any_setting.systemd.refusals = {"StartTransientUnit": [EXISTS, EXISTS]}
    failing(any_setting).fails(m.said("run", any_setting.bundle.id, m.UNIT_REFUSED.format(
        unit=any_setting.name, text=f"{EXISTS[1]} ({EXISTS[0]})")))
    assert not any_setting.systemd.asked("StopUnit")


def test_init_that_fails_has_the_last_word(setting):
    setting.configure({"process.args": ["/no/such/program"]})
    failing(setting).fails(m.said("run", setting.bundle.id, m.NO_SUCH_PROGRAM.format(
        program="/no/such/program")))
    assert setting.systemd.units == {}


def test_a_systemd_that_puts_the_process_elsewhere_is_noticed(any_setting):
    any_setting.configure({"process.args": ["/bin/sleep", "1000"]})
    path = f"{host.CGROUP_PARENT}/bt-{host.SESSION}-elsewhere"
    elsewhere = cgroups.directory("", path)
    os.mkdir(elsewhere)

    def move(unit):
        with open(f"{elsewhere}/cgroup.procs", "w") as procs:
            procs.write(str(unit.pid))
    any_setting.systemd.on_start = move
    failing(any_setting).fails(m.pattern("run", any_setting.bundle.id, (
        f"systemd has put process [0-9]+ into the cgroup {path} and not into "
        + path_of(any_setting.bundle))))
    cgroups.remove(elsewhere)


@pytest.mark.first
def test_the_wait_for_systemd_ends(any_setting):
    any_setting.configure()
    any_setting.systemd.unfinished, any_setting.systemd.silent = ["StartTransientUnit"], ["StopUnit"]
    outcome = failing(any_setting, seconds=31 + host.DEADLINE)  # brig's own two, and ours
    outcome.exits(1)
    assert m.UNIT_LATE.format(unit=any_setting.name) in outcome.stderr


@pytest.mark.parametrize("answer, text", [
    (b"REJECTED\r\n", "the login was answered by 'REJECTED'"),
    (b"x" * 1000, "this does not speak D-Bus"),
    (b"DATA\r\nOK 1\r\n" + b"B" * 16, "a malformed D-Bus message: it is not little endian"),
])
def test_nonsense_from_the_socket_is_an_error(any_setting, answer, text):
    any_setting.configure()
    any_setting.systemd.login = answer
    outcome = failing(any_setting)
    outcome.exits(1)
    assert text in outcome.stderr


# ---- after a crash -------------------------------------------------------------------------------

def test_delete_stops_the_unit_of_a_container_with_a_damaged_state(any_setting):
    any_setting.configure({"process.args": ["/bin/sleep", "1000"]})
    any_setting.bundle.create().ok()
    state = os.path.join(any_setting.bundle.state_root, any_setting.bundle.id, "state.json")
    with open(state, "w") as file:
        file.write("{")
    any_setting.bundle.delete("--force").exits(0)
    assert [call.arguments[0] for call in any_setting.systemd.asked("StopUnit")] == [
        any_setting.name]
    assert cgroups.existing(path_of(any_setting.bundle)) == []


def test_a_create_that_was_killed_can_be_deleted(any_setting):
    any_setting.configure()
    any_setting.systemd.unfinished = ["StartTransientUnit"]
    creating = any_setting.bundle.runtime.spawn("create", "--bundle", any_setting.bundle.path,
                                                any_setting.bundle.id)
    processes.until(lambda: any_setting.systemd.units, "the unit")
    creating.signal(signal.SIGKILL)
    creating.wait().exits(128 + signal.SIGKILL)
    any_setting.bundle.delete("--force").exits(0)
    assert any_setting.systemd.units == {}
    assert cgroups.existing(path_of(any_setting.bundle)) == []
