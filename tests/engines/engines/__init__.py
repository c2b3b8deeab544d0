"""The engines, in the order of the table."""

from engines.containerd import Ctr

ALL = [Ctr]
