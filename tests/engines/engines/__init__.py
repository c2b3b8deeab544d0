"""The engines, in the order of the table."""

from cluster.kubernetes.engine import Kubernetes
from cluster.slurm.engine import Slurm
from cluster.swarm.engine import Swarm
from engines.buildah import Buildah
from engines.containerd import Ctr
from engines.docker import Docker
from engines.podman import Podman
from engines.rootless import RootlessPodman
from engines.units import Units

ALL = [Docker, Podman, RootlessPodman, Ctr, Buildah, Units, Kubernetes, Swarm, Slurm]
