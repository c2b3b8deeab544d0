"""The virtual machine of tests/vm: its image, its disk of tests, its life."""
