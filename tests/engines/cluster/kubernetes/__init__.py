"""A node of Kubernetes, as a kubelet uses it."""
