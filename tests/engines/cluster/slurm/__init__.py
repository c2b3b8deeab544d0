"""Slurm on two nodes, with containers as its tasks."""
