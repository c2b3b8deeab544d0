"""What plays steps to an engine with one runtime and compares it with another."""
