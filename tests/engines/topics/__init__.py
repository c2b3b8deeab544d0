"""Steps that Docker and Podman are both played, by topic."""
