"""What the integration tests are written with; see ../README.md."""
