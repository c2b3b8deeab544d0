"""The container's process: who it is, what it may do, where it starts."""

import json
import os
import resource
import shutil
import signal

import pytest

import messages as m
from harness import host
from harness.spec import USER_NAMESPACE, namespaces, shell

# ---- identity -----------------------------------------------------------------------------------

@pytest.mark.parametrize("user, uids, gids, groups", [
    ({"uid": 0, "gid": 0}, [0] * 3, [0] * 3, []),
    ({"uid": 1000, "gid": 1000}, [1000] * 3, [1000] * 3, []),
    ({"uid": 1000, "gid": 1000, "additionalGids": [5, 29]}, [1000] * 3, [1000] * 3, [5, 29]),
    ({"uid": 4242, "gid": 0, "additionalGids": [0]}, [4242] * 3, [0] * 3, [0]),
    ({"uid": 4294967294, "gid": 4294967294}, [4294967294] * 3, [4294967294] * 3, []),
    ({"gid": 7}, [0] * 3, [7] * 3, []),
])
def test_the_process_has_the_ids_asked_for_and_no_others(bundle, user, uids, gids, groups):
    seen = bundle.posture({"process.user": user})
    assert (seen["uids"], seen["gids"], sorted(seen["groups"])) == (uids, gids, groups)


def test_groups_of_the_caller_are_dropped(bundle):
    bundle.configure({"process.args": ["/probe"]})
    out = bundle.run(before=lambda: os.setgroups([29, 4242])).ok().stdout
    assert '"groups":[]' in out


@pytest.mark.parametrize("asked, mask", [(None, 0o022), (0o077, 0o077), (0, 0)])
def test_the_umask_is_that_of_the_config_or_022(bundle, asked, mask):
    changes = {} if asked is None else {"process.user": {"uid": 0, "gid": 0, "umask": asked}}
    bundle.configure({"process.args": ["/probe"], **changes})
    assert f'"umask":{mask},' in bundle.run(before=lambda: os.umask(0o111)).ok().stdout


# ---- privileges ---------------------------------------------------------------------------------

@pytest.mark.parametrize("uid", [0, 1000])
@pytest.mark.parametrize("nnp", [False, True])
def test_without_capabilities_there_are_none(bundle, uid, nnp):
    seen = bundle.posture({"process.user.uid": uid, "process.capabilities": {},
                           "process.noNewPrivileges": nnp})
    assert {kind: held for kind, held in seen["capabilities"].items() if held} == {}


@pytest.mark.parametrize("nnp", [False, True])
@pytest.mark.parametrize("uid", [0, 1000])
def test_the_five_sets_are_those_of_the_config(bundle, uid, nnp):
    both, all_ = ["CAP_KILL", "CAP_CHOWN"], ["CAP_KILL", "CAP_CHOWN", "CAP_SETUID"]
    seen = bundle.posture({
        "process.user.uid": uid, "process.noNewPrivileges": nnp,
        "process.capabilities": {"bounding": all_, "permitted": both, "effective": both,
                                 "inheritable": both, "ambient": both}})["capabilities"]
    assert seen["bounding"] == [0, 5, 7]
    # A program of root without set-user-ID bits gains what is bounding and inheritable.
    gained = [0, 5, 7] if uid == 0 and not nnp else [0, 5]
    assert seen["permitted"] in (gained, [0, 5])
    assert seen["effective"] in (gained, [0, 5])
    assert seen["inheritable"] == [0, 5]
    assert seen["ambient"] == [0, 5]


def test_another_user_keeps_only_ambient_capabilities_over_execve(bundle):
    seen = bundle.posture({
        "process.user.uid": 1000, "process.capabilities": {
            "bounding": ["CAP_KILL", "CAP_CHOWN"], "permitted": ["CAP_KILL", "CAP_CHOWN"],
            "effective": ["CAP_KILL", "CAP_CHOWN"], "inheritable": ["CAP_KILL"],
            "ambient": ["CAP_KILL"]}})["capabilities"]
    assert (seen["permitted"], seen["effective"], seen["bounding"]) == ([5], [5], [0, 5])


@pytest.mark.parametrize("name", ["CAP_NO_SUCH", "KILL"])
def test_a_capability_that_cannot_be_granted_is_no_error(bundle, name):
    every = ["CAP_KILL", name]
    seen = bundle.posture({"process.capabilities": {"bounding": every, "permitted": every,
                                                    "effective": every}})
    assert seen["capabilities"]["effective"] == [5]


LEASE = 28


def without_lease():
    host.drop_from_bounding_set(LEASE)  # and, by the execve of the runtime, from every other set


def test_a_capability_the_host_lacks_is_no_error(bundle):
    every = ["CAP_KILL", "CAP_LEASE"]
    sets = ("bounding", "permitted", "effective", "inheritable", "ambient")
    bundle.configure({"process.capabilities": dict.fromkeys(sets, every),
                      "process.args": ["/probe"]})
    seen = json.loads(bundle.run(before=without_lease).ok().stdout)
    assert seen["capabilities"] == dict.fromkeys(sets, [5])


@pytest.mark.parametrize("asked", [True, False, None])
def test_no_new_privileges_is_as_asked(bundle, asked):
    seen = bundle.posture({} if asked is None else {"process.noNewPrivileges": asked},
                          without=["process.noNewPrivileges"] if asked is None else [])
    assert seen["no_new_privs"] == bool(asked)


# ---- limits -------------------------------------------------------------------------------------

LIMITS = {"CPU": (60, 600), "FSIZE": (1 << 30, 1 << 31), "DATA": (1 << 30, 1 << 31),
          "STACK": (1 << 20, 1 << 23), "CORE": (0, 0), "RSS": (1 << 30, 1 << 31),
          "NPROC": (500, 1000), "NOFILE": (100, 200), "MEMLOCK": (1 << 16, 1 << 17),
          "AS": (1 << 30, 1 << 31), "LOCKS": (10, 20), "SIGPENDING": (100, 200),
          "MSGQUEUE": (1000, 2000), "NICE": (0, 0), "RTPRIO": (0, 0), "RTTIME": (1000, 2000)}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_set(bundle, name):
    soft, hard = LIMITS[name]
    limit = {"type": "RLIMIT_" + name, "soft": soft, "hard": hard}
    seen = bundle.posture({"process.rlimits": [limit]})
    assert seen["rlimits"][name] == [soft, hard]


def test_limits_that_are_not_listed_are_the_callers(bundle):
    seen = bundle.posture({"process.rlimits": []})
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert seen["rlimits"]["NOFILE"] == [soft, hard]


def test_the_largest_number_means_unlimited(bundle):
    seen = bundle.posture({"process.rlimits": [
        {"type": "RLIMIT_CPU", "soft": 2**64 - 1, "hard": 2**64 - 1}]})
    assert seen["rlimits"]["CPU"] == [-1, -1]


@pytest.mark.parametrize("asked", [0, 7, 1000])
def test_the_oom_score_is_raised_as_asked(bundle, asked):
    assert int(bundle.posture({"process.oomScoreAdj": asked})["oom_score_adj"]) == asked


def test_the_oom_score_of_the_caller_is_kept_when_none_is_asked_for(bundle):
    def raise_score():
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("12")
    bundle.configure({"process.args": ["/probe"]})
    assert r'"oom_score_adj":"12\u000a"' in bundle.run(before=raise_score).ok().stdout


# ---- surroundings -------------------------------------------------------------------------------

def test_signals_are_not_blocked_or_ignored_whatever_the_caller_did(bundle):
    def spoil():
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR1})
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_IGN)
    bundle.configure({"process.args": ["/probe"]})
    out = bundle.run(before=spoil).ok().stdout
    assert r"SigBlk:\u00090000000000000000" in out
    assert r"SigIgn:\u00090000000000000000" in out


def test_the_process_does_not_die_with_the_runtime(bundle):
    assert bundle.posture()["death_signal"] == 0


def test_the_program_is_dumpable_and_has_no_secure_bits(bundle):
    seen = bundle.posture()
    assert (seen["dumpable"], seen["securebits"]) == (1, 0)


def test_a_new_session_keyring_is_named_after_the_container(bundle):
    seen = bundle.posture()
    assert seen["session_keyring_is"].endswith(f";_ses.{bundle.id}")


def test_no_new_keyring_keeps_that_of_the_caller(bundle):
    first, second = (bundle.posture(flags=["--no-new-keyring"])["session_keyring"] for _ in "12")
    assert first == second
    assert bundle.posture()["session_keyring"] != first


@pytest.mark.parametrize("domain, machine", [("LINUX", "x86_64"), ("LINUX32", "i686")])
def test_the_personality_is_as_asked(bundle, domain, machine):
    if os.uname().machine != "x86_64":
        machine = os.uname().machine
    assert bundle.says("uname -m", {"linux.personality": {"domain": domain}}).strip() == machine


@pytest.mark.parametrize("name, value, file", [
    ("kernel.msgmax", "4242", "/proc/sys/kernel/msgmax"),
    ("kernel.shm_rmid_forced", "1", "/proc/sys/kernel/shm_rmid_forced"),
    ("net.ipv4.ping_group_range", "0 0", "/proc/sys/net/ipv4/ping_group_range"),
    ("net/ipv4/ip_forward", "1", "/proc/sys/net/ipv4/ip_forward"),
    ("fs.mqueue.msg_max", "7", "/proc/sys/fs/mqueue/msg_max")])
def test_a_namespaced_sysctl_is_set_inside_only(bundle, name, value, file):
    with open(file) as outside:
        before = outside.read()
    seen = bundle.posture({"linux.sysctl": {name: value}}, probe=["--read", file])
    assert seen["read"][file].split() == value.split()
    with open(file) as outside:
        assert outside.read() == before


def test_a_sysctl_that_does_not_exist_is_named(bundle):
    bundle.configure({"linux.sysctl": {"net.no.such": "1"}})
    bundle.create().fails(m.missing_sysctl(bundle, "net.no.such"))


def test_ids_and_limits_of_a_user_namespace_are_its_own(mapped_bundle):
    seen = mapped_bundle.posture({**USER_NAMESPACE, "linux.namespaces+": namespaces("user"),
                                  "process.user": {"uid": 1000, "gid": 1000}})
    assert (seen["uids"], seen["capabilities"]["effective"]) == ([1000] * 3, [])


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_limits_of_a_user_namespace_reach_the_process_that_stays(mapped_bundle):
    """However late the runtime is: in a user namespace its first process is not the last."""
    mapped_bundle.configure({**USER_NAMESPACE, "linux.namespaces+": namespaces("user"),
                             "process.args": ["/probe"], "process.oomScoreAdj": 7,
                             "process.rlimits": [{"type": "RLIMIT_NOFILE", "soft": 100,
                                                  "hard": 200}]})
    late = ["strace", "-qq", "-o", "/dev/null", "--inject=clone3:delay_exit=100000", "--"]
    argv = mapped_bundle.runtime.argv("run", "--bundle", mapped_bundle.path, mapped_bundle.id)
    seen = json.loads(mapped_bundle.call(argv=late + argv).ok().stdout)
    assert (seen["rlimits"]["NOFILE"], int(seen["oom_score_adj"])) == ([100, 200], 7)


def test_stdio_belongs_to_the_user(bundle):
    bundle.configure({**shell("stat -Lc %u /proc/self/fd/1"), "process.user": {"uid": 1000, "gid": 5}})
    assert bundle.run().ok().stdout == "1000\n"
