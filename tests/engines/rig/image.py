"""The image of every step, made from busybox as the archive that each engine can load."""

import hashlib
import io
import json
import os
import subprocess
import tarfile

NAME = "localhost/busybox:latest"
PASSWD = "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n"
GROUP = "root:x:0:\ntty:x:5:\nalice:x:1000:\n"
FOLDERS = ["bin", "dev", "etc", "proc", "root", "sys", "tmp", "var", "srv"]
BUSYBOX = "/bin/busybox"
ENVIRONMENT = "PATH=/bin:/sbin:/usr/bin:/usr/sbin"


def make_archive(path, name=NAME, command=("/bin/sh",), extra=None):
    """A docker archive, the one format that docker, ctr, podman and buildah all load."""
    layer = make_layer(extra or {})
    layer_digest = hashlib.sha256(layer).hexdigest()
    config = json.dumps({
        "architecture": "amd64", "os": "linux", "created": "2020-01-01T00:00:00Z",
        "config": {"Cmd": list(command), "Env": [ENVIRONMENT]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
        "history": [{"created": "2020-01-01T00:00:00Z", "created_by": "tests/engines"}],
    }).encode()
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": [name], "Layers": [f"{layer_digest}.tar"]}]
    with tarfile.open(path, "w") as archive:
        add(archive, config_name, config)
        add(archive, f"{layer_digest}.tar", layer)
        add(archive, "manifest.json", json.dumps(manifest).encode())
    return path


def make_layer(extra):
    """An uncompressed layer; `extra` is {path: bytes}, further programs of the image."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        for name in FOLDERS:
            add(layer, name, None, 0o1777 if name == "tmp" else 0o755)
        add(layer, "etc/passwd", PASSWD.encode())
        add(layer, "etc/group", GROUP.encode())
        with open(BUSYBOX, "rb") as file:
            add(layer, "bin/busybox", file.read(), 0o755)
        for applet in subprocess.check_output([BUSYBOX, "--list"], text=True).split():
            if applet != "busybox":
                link = tarfile.TarInfo(f"bin/{applet}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                layer.addfile(link)
        for name, data in extra.items():
            add(layer, name, data, 0o755)
    return buffer.getvalue()


def add(archive, name, data, mode=0o644):
    info = tarfile.TarInfo(name)
    info.mode = mode
    if data is None:
        info.type = tarfile.DIRTYPE
        archive.addfile(info)
    else:
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))


def archive_in(folder):
    path = os.path.join(folder, "busybox.tar")
    return path if os.path.exists(path) else make_archive(path)
