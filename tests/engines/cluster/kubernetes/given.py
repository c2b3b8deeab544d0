"""What a container is given: environment, volumes, devices."""

import os

from harness import host
from rig.steps import Steps
from cluster.kubernetes.kubelet import SLEEP

steps = Steps()


@steps.step
def environment_and_folder(node):
    pod = node.pod()
    return pod.output("main", "sh", "-c", 'echo "$GREETING" "$1"; pwd', args=["sh", "argument"],
                      envs=[{"key": "GREETING", "value": "good day"}], working_dir="/srv")


@steps.step
def volumes(node):
    """Writable, read-only, and one that the engine has to make (hostPath without a type)."""
    folder = node.place.path("volume", node.new_name())
    os.makedirs(folder)
    with open(f"{folder}/note", "w") as file:
        file.write("from the host\n")
    said = node.pod().output("main", "sh", "-c", "cat /rw/note; touch /rw/made /new/file; "
                             "touch /ro/no; true", mounts=[
                                 {"container_path": "/rw", "host_path": folder},
                                 {"container_path": "/new", "host_path": f"{folder}/new"},
                                 {"container_path": "/ro", "host_path": folder, "readonly": True}])
    assert sorted(os.listdir(folder)) == ["made", "new", "note"], os.listdir(folder)
    return said


@steps.step
def mounts_that_come_later(node):
    """mountPropagation: HostToContainer, for storage drivers, and None."""
    folder = node.place.path("volume", node.new_name())
    os.makedirs(f"{folder}/disk")
    pod = node.pod()
    containers = [pod.run(name.lower(), *SLEEP, mounts=[
        {"container_path": "/mnt", "host_path": folder, "propagation": f"PROPAGATION_{name}"}])
        for name in ("HOST_TO_CONTAINER", "PRIVATE")]
    host.mount("disk", f"{folder}/disk", "tmpfs")
    try:
        os.close(os.open(f"{folder}/disk/file", os.O_CREAT))
        return " and ".join(str(each.says("ls", "/mnt/disk").split()) for each in containers)
    finally:
        host.unmount(f"{folder}/disk")


@steps.step
def mount_for_the_host(node):
    """mountPropagation: Bidirectional, which only privileged containers may have."""
    folder = node.place.path("volume", node.new_name())
    os.makedirs(f"{folder}/disk")
    pod = node.pod(linux={"security_context": {"privileged": True}})
    container = pod.run("main", *SLEEP, security={"privileged": True}, mounts=[
        {"container_path": "/mnt", "host_path": folder,
         "propagation": "PROPAGATION_BIDIRECTIONAL"}])
    container.says("mount", "-t", "tmpfs", "disk", "/mnt/disk")
    seen = any(line.split()[4] == f"{folder}/disk" for line in host.mountinfo())
    container.says("umount", "/mnt/disk")
    return f"seen by the host: {seen}"


@steps.step
def device(node):
    container = node.container(*SLEEP, devices=[
        {"container_path": "/dev/nothing", "host_path": "/dev/null", "permissions": "r"}])
    said = container.exec("sh", "-c", "cat /dev/nothing; stat -c '%F %t %T' /dev/nothing; "
                          "mknod /dev/kmem c 1 11 && cat /dev/kmem")
    return f"{said.stdout.strip()}; exit {said.status}"
