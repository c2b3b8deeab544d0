"""What a container may not do."""

import json
import os

from rig.steps import Steps

steps = Steps()
CAPABILITIES = ["grep", "-E", "Cap(Eff|Bnd|Prm|Inh|Amb)", "/proc/self/status"]


@steps.step
def capabilities_by_default(engine):
    return engine.run("", *CAPABILITIES).ok().text


@steps.step
def capabilities_dropped(engine):
    return engine.run("--cap-drop ALL --cap-add NET_RAW --cap-add CHOWN", *CAPABILITIES).ok().text


@steps.step
def capabilities_added(engine):
    return engine.run("--cap-add SYS_ADMIN", *CAPABILITIES).ok().text


@steps.step
def capabilities_of_a_user(engine):
    return engine.run("--user alice --cap-add NET_ADMIN", *CAPABILITIES).ok().text


@steps.step
def privileged(engine):
    return may_mount(engine.run("--privileged", "grep", "CapEff", "/proc/self/status"))


def may_mount(said):
    """Whether it has CAP_SYS_ADMIN: the whole set is another one on each host."""
    if said.status != 0:
        return said.failure
    return "may mount" if int(said.text.split()[-1], 16) >> 21 & 1 else "may not mount"


@steps.step
def user(engine):
    return engine.run("--user 1000:5 --group-add 29", "id").ok().text


@steps.step
def user_by_name(engine):
    return engine.run("--user alice", "sh", "-c", "id; touch /etc/x").failure


@steps.step
def read_only(engine):
    return engine.run("--read-only", "touch", "/file").exits(1).failure


@steps.step
def tmpfs(engine):
    return engine.run("--read-only --tmpfs /scratch:size=1m,mode=1770", "sh", "-c",
                      "touch /scratch/file && stat -c %a /scratch; "
                      "grep -o ' /scratch .*' /proc/mounts").ok().text


@steps.step
def seccomp_profile(engine):
    profile = engine.place.write("profile.json", json.dumps({
        "defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"},
                     {"names": ["sync"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}))
    said = engine.run(f"--security-opt seccomp={profile}", "sh", "-c",
                      "grep Seccomp: /proc/self/status; mkdir /x; mknod /y p; echo $?")
    return f"{said.text}, {said.failure}"


@steps.step
def seccomp_by_default(engine):
    said = engine.run("", "sh", "-c", "grep Seccomp: /proc/self/status; unshare -m true")
    return f"{said.text}, {said.failure}"


@steps.step
def seccomp_unconfined(engine):
    return engine.run("--security-opt seccomp=unconfined", "grep", "Seccomp:", "/proc/self/status"
                      ).ok().text


@steps.step
def no_new_privileges(engine):
    return engine.run("--security-opt no-new-privileges", "grep", "NoNewPrivs", "/proc/self/status"
                      ).ok().text


@steps.step
def masked_paths(engine):
    """What they say: nothing."""
    return engine.run("", "sh", "-c", "cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | "
                      "wc -c; ls /sys/firmware /proc/acpi /proc/scsi 2>/dev/null | grep -vc :"
                      ).text


@steps.step
def read_only_paths(engine):
    return engine.run("", "sh", "-c", "for f in /proc/sys/kernel/domainname /proc/sysrq-trigger "
                      "/sys/kernel/profiling; do (echo x >$f) 2>&1; done | grep -c Read-only").text


@steps.step
def sysctl(engine):
    return engine.run("--sysctl net.ipv4.ip_unprivileged_port_start=77 --sysctl kernel.msgmax=7777",
                      "cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start",
                      "/proc/sys/kernel/msgmax").ok().text


@steps.step
def devices(engine):
    return engine.run("", "sh", "-c", "ls -1 /dev; stat -c '%t:%T %a' /dev/null").ok().text


@steps.step
def descriptors(engine):
    """Nothing of the engine's or the runtime's is open."""
    return engine.run("", "ls", "/proc/self/fd").ok().text


@steps.step
def apparmor_is_off(engine):
    path = "/sys/kernel/security/apparmor"
    return engine.run("", "sh", "-c", "cat /proc/self/attr/current 2>&1; true").text \
        if not os.path.isdir(path) else "on"
