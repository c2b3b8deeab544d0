"""Security contexts: users, capabilities, seccomp, sysctls."""

from rig.steps import Steps
from cluster.kubernetes.kubelet import SLEEP, STATUS, refusal

steps = Steps()


def fields(text, *names):
    """Lines of /proc/PID/status, as one text."""
    found = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return ", ".join(f"{name} {' '.join(found[name].split())}" for name in names)


@steps.step
def users(node):
    pod = node.pod()
    by_number = pod.output("number", "id", security={
        "run_as_user": {"value": 1000}, "run_as_group": {"value": 3000},
        "supplemental_groups": [4000, 5000]})
    return f"{by_number}; {pod.output('name', 'id', security={'run_as_username': 'alice'})}"


@steps.step
def read_only_root(node):
    said = node.container("sh", "-c", "touch /file; touch /dev/shm/file && echo shm; exit 7",
                          security={"readonly_rootfs": True}).wait()
    return f"{said.end}: {' '.join(said.log().split())}"


@steps.step
def capabilities(node):
    """What a container has by default, and what is left of it, and added, on demand."""
    pod = node.pod()
    sets = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    default = fields(pod.output("default", *STATUS), *sets)
    changed = fields(pod.output("changed", *STATUS, security={"capabilities": {
        "drop_capabilities": ["ALL"], "add_capabilities": ["NET_BIND_SERVICE", "SYS_PTRACE"]}}),
        *sets)
    return f"{default}; {changed}"


@steps.step
def seccomp(node):
    """seccompProfile: RuntimeDefault, Localhost and Unconfined; allowPrivilegeEscalation: false."""
    profile = node.place.write("seccomp.json", """{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
      {"names": ["unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]}""")
    pod = node.pod()
    said = []
    for kind, more in (("RuntimeDefault", {}), ("Localhost", {"localhost_ref": profile}),
                       ("Unconfined", {})):
        container = pod.run(kind.lower(), *SLEEP, security={
            "seccomp": {"profile_type": kind, **more}, "no_new_privs": kind == "RuntimeDefault",
            "apparmor": {"profile_type": "Unconfined"}})
        tried = container.exec("unshare", "-U", "true")
        said.append(f"{fields(container.says(*STATUS), 'Seccomp', 'NoNewPrivs')}, "
                    f"exit {tried.status} {tried.stderr.strip()}")
    return "; ".join(said)


@steps.step
def privileged(node):
    pod = node.pod(linux={"security_context": {"privileged": True}})
    container = pod.run("main", *SLEEP, security={"privileged": True})
    writable = container.exec("sh", "-c", "grep -c ' /sys sysfs rw' /proc/mounts; "
                              "ls /dev | grep -cx kmsg")
    return (f"{fields(container.says(*STATUS), 'CapEff', 'Seccomp')}, "
            f"{' '.join(writable.stdout.split())}")


@steps.step
def privileged_with_a_network(node):
    """Whether /sys can be written, where the sandbox was the first to mount it."""
    pod = node.pod(network="POD", linux={"security_context": {"privileged": True}})
    return pod.output("main", "grep", "-o", "^sysfs /sys sysfs r[ow]", "/proc/mounts",
                      security={"privileged": True}).strip()


@steps.step
def masked_paths(node):
    """A file shows nothing, a folder is empty, and a setting of the host cannot be written."""
    said = node.container("sh", "-c", "exec 2>&1; head -c 10 /proc/timer_list | wc -c; "
                          "ls /proc/fs | wc -l; echo x >/proc/sys/kernel/domainname", security={
                              "masked_paths": ["/proc/timer_list", "/proc/fs", "/proc/no-such"],
                              "readonly_paths": ["/proc/sys"]}).wait()
    return " ".join(said.log().split())


@steps.step
def sysctls(node):
    pod = node.pod(network="POD", linux={"sysctls": {
        "kernel.shm_rmid_forced": "1", "net.ipv4.ip_local_port_range": "20000 20100"}})
    said = pod.output("main", "sh", "-c", "cat /proc/sys/kernel/shm_rmid_forced "
                      "/proc/sys/net/ipv4/ip_local_port_range")
    return " ".join(said.split())


@steps.step
def sysctl_of_the_host(node):
    """Refused: the pod has the host's network."""
    return refusal(node.pod, linux={"sysctls": {"net.ipv4.ip_forward": "1"}}).code
