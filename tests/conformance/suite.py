"""The suite: its source, from Debian, and the programs built from it, below build/conformance.

Debian's package of the suite has its libraries only, so the programs are built from the source
package: that of trixie, because bookworm's is five years older. apt checks it against the signed
index of the archive, and so does the hash below: the list of known defects is about this version.
"""

import hashlib
import os
import shutil
import subprocess
import tarfile

PACKAGE = "golang-github-opencontainers-runtime-tools"
RELEASES = ["trixie", "sid"]
VERSION = "0.9.0.109.ge931285-1"
TARBALL = f"{PACKAGE}_0.9.0.109.ge931285.orig.tar.xz"
SHA256 = "203989a1ea98cf2aaced79155bbda09270b20db19b03376dde91ab12e5e6a0fe"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
ROOTFS = "rootfs-amd64.tar.gz"  # the programs take it from their working directory

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(REPOSITORY, "build", "conformance")


class CannotBuild(Exception):
    pass


class CannotFetch(CannotBuild):
    """The source is not to be had on this machine: nothing that brig could be blamed for."""


class Suite:
    """A folder that has everything: bin/PROGRAM, runtimetest and the archive of the rootfs."""

    def __init__(self, folder):
        self.folder = folder
        self.programs = {name: os.path.join(folder, "bin", name)
                         for name in sorted(os.listdir(os.path.join(folder, "bin")))}


def obtain(cache=CACHE):
    folder = os.path.join(cache, version_of_build())
    if not os.path.exists(os.path.join(folder, "complete")):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        build(unpack(fetch(cache), folder), folder)
        with open(os.path.join(folder, "complete"), "w"):
            pass
    return Suite(folder)


def version_of_build():
    """Changes with all that the programs are made of."""
    made_of = hashlib.sha256(SHA256.encode())
    for name in ("tap/tap.go", "suite.py"):
        with open(os.path.join(HERE, name), "rb") as file:
            made_of.update(file.read())
    made_of.update(said(["go", "version"]).encode())
    return made_of.hexdigest()[:16]


def said(argv, **more):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              check=False, **more)
    except FileNotFoundError as error:
        raise CannotBuild(f"{argv[0]} is not installed: tools/install-deps conformance") from error
    if done.returncode != 0:
        raise CannotBuild(f"{' '.join(argv)}: {done.stderr or done.stdout}")
    return done.stdout


def hash_of(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def fetch(cache):
    tarball = os.path.join(cache, TARBALL)
    if os.path.exists(tarball) and hash_of(tarball) == SHA256:
        return tarball
    why = None
    for release in RELEASES:
        try:
            fetch_from(release, cache)
        except CannotBuild as reason:
            why = why or reason
            continue
        if hash_of(tarball) != SHA256:
            raise CannotBuild(f"{tarball} is not the version of the suite that is known")
        return tarball
    raise CannotFetch(str(why))


def mirror():
    """The host's own, of its release and not of that's updates."""
    targets = said(["apt-get", "indextargets", "--format", "$(RELEASE) $(SITE)",
                    "Created-By: Packages"])
    sites = [site for release, site in map(str.split, targets.splitlines()) if "-" not in release]
    if not sites:
        raise CannotFetch("apt knows no mirror on this machine")
    return sites[0]


def fetch_from(release, cache):
    """With lists and a cache of our own: the machine's apt does not hear of it."""
    apt = os.path.join(cache, f"apt-{release}")
    shutil.rmtree(apt, ignore_errors=True)
    for folder in ("lists/partial", "cache/archives/partial"):
        os.makedirs(os.path.join(apt, folder))
    with open(os.path.join(apt, "sources.list"), "w") as file:
        file.write(f"deb-src [signed-by={KEYRING}] {mirror()} {release} main\n")
    settings = {"Dir::Etc::SourceList": f"{apt}/sources.list", "Dir::Etc::SourceParts": "/dev/null",
                "Dir::State::Lists": f"{apt}/lists", "Dir::Cache": f"{apt}/cache",
                "APT::Sandbox::User": "root"}
    apt_get = ["apt-get", "-q", *(word for name, value in settings.items()
                                  for word in ("-o", f"{name}={value}"))]
    said([*apt_get, "update"])
    said([*apt_get, "source", "--tar-only", "--download-only", f"{PACKAGE}={VERSION}"], cwd=cache)
    shutil.rmtree(apt)


def unpack(tarball, folder):
    """Where Go without modules looks for it. Returns the folder of the source."""
    source = os.path.join(folder, "go", "src", "github.com", "opencontainers", "runtime-tools")
    with tarfile.open(tarball) as archive:
        archive.extractall(os.path.join(folder, "unpacked"))
    os.makedirs(os.path.dirname(source))
    [root] = os.listdir(os.path.join(folder, "unpacked"))
    os.rename(os.path.join(folder, "unpacked", root), source)
    os.rmdir(os.path.join(folder, "unpacked"))
    shutil.copytree(os.path.join(HERE, "tap"),
                    os.path.join(folder, "go", "src", "github.com", "mndrix", "tap-go"))
    return source


def build(source, folder):
    """Static: runtimetest is executed inside of a rootfs that has no libraries."""
    environment = {**os.environ, "GO111MODULE": "off", "CGO_ENABLED": "0",
                   "GOPATH": f"{folder}/go:/usr/share/gocode", "GOCACHE": f"{folder}/gocache",
                   "GOFLAGS": "-buildvcs=false -ldflags=-s"}
    binaries = os.path.join(folder, "bin")
    os.mkdir(binaries)
    said(["go", "build", "-o", binaries + "/", "./cmd/runtimetest", "./validation/..."],
         cwd=source, env=environment)
    os.rename(os.path.join(binaries, "runtimetest"), os.path.join(folder, "runtimetest"))
    shutil.copy(os.path.join(source, ROOTFS), folder)
    shutil.rmtree(os.path.join(folder, "gocache"))
