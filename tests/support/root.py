"""Tests that give a file or a folder to another user: only root may."""

import os

import pytest

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
