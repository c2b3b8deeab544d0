"""Docker's swarm mode on two nodes."""
