"""Namespaces, networks and volumes that containers share."""

import os

from rig.steps import Steps

steps = Steps()


def namespace(engine, name, kind):
    return engine("exec", name, "readlink", f"/proc/self/ns/{kind}").ok().text


@steps.step
def network_of_another(engine):
    first = engine.running("--network none")
    second = engine.running(f"--network container:{first}")
    assert namespace(engine, first, "net") == namespace(engine, second, "net")
    return engine("exec", second, "ip", "-o", "link").ok().text.split()[1]


@steps.step
def network_none(engine):
    return engine.run("--network none", "ip", "-o", "addr").ok().text


@steps.step
def network_host(engine):
    said = engine.run("--network host", "readlink", "/proc/self/ns/net").ok().text
    assert said == os.readlink("/proc/self/ns/net"), said


@steps.step
def network_bridge(engine):
    """Two containers that reach each other; the engine makes the network in the namespace that the
    runtime made."""
    server = engine.running("--network bridge", "sh", "-c",
                            "mkdir /w; echo served >/w/f; httpd -f -p 80 -h /w")
    address = engine.address(server)
    return engine.run("--network bridge", "sh", "-c", "until wget -q -O - "
                      f"http://{address}/f; do sleep 0.2; done").ok("served").text


@steps.step
def processes_of_another(engine):
    first = engine.running()
    said = engine.run(f"--pid container:{first}", "ps", "-o", "pid,args").ok()
    return said.shows(r"1 sleep 1000").text.splitlines()[1]


@steps.step
def processes_of_the_host(engine):
    said = engine.run("--pid host", "readlink", "/proc/self/ns/pid").ok().text
    assert said == os.readlink("/proc/self/ns/pid"), said


@steps.step
def stop_with_processes_of_the_host(engine):
    """Without a PID namespace the kernel ends nothing by itself: `kill --all` does."""
    name = engine.running("--pid host", "sh", "-c", "sleep 1000 & sleep 1000 & wait")
    engine("stop", "-t", "0", name).ok()
    return engine.inspect(name, "{{.State.ExitCode}}")


@steps.step
def ipc_of_another(engine):
    first = engine.running("--ipc shareable")
    second = engine.running(f"--ipc container:{first}")
    assert namespace(engine, first, "ipc") == namespace(engine, second, "ipc")
    assert namespace(engine, first, "net") != namespace(engine, second, "net")


@steps.step
def hostname_of_the_host(engine):
    return engine.run("--uts host", "hostname").ok(os.uname().nodename).text


@steps.step
def volume_of_the_host(engine):
    folder = engine.place.path("volume")
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o777)  # whoever root of the container is
    engine.run(f"--volume {folder}:/data", "sh", "-c", "echo made >/data/file").ok()
    with open(f"{folder}/file") as file:
        return file.read().strip()


@steps.step
def volume_read_only(engine):
    return engine.run(f"--volume {engine.place.path('home')}:/data:ro", "touch", "/data/file"
                      ).exits(1).failure


@steps.step
def volume_that_propagates(engine):
    folder = engine.place.path("propagates")
    os.makedirs(folder, exist_ok=True)
    return engine.run(f"--volume {folder}:/data:rslave", "sh", "-c",
                      "grep ' /data ' /proc/self/mountinfo | grep -o 'master'").ok().text


@steps.step
def volume_with_a_name(engine):
    """It has what the image has there, and outlives the container."""
    try:
        engine.run("--volume named:/etc", "sh", "-c", "echo kept >/etc/kept").ok()
        return engine.run("--volume named:/etc", "sh", "-c", "cat /etc/kept; ls /etc").ok().text
    finally:
        engine("volume", "rm", "named")


@steps.step
def volume_onto_a_file(engine):
    """A folder of the host cannot be mounted on a file."""
    return engine.run(f"--volume {engine.place.path('home')}:/etc/passwd", "true").failure
