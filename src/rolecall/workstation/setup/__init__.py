"""Whole runs: `setup`, its plan, `render`, `teardown`, and the start from a bare Python."""
