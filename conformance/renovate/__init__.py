"""Renovate as a client: how it is installed and run, and its story."""

from conformance.renovate.client import RenovateCommand, RenovateRun, install, run
from conformance.renovate.story import tell

__all__ = ["RenovateCommand", "RenovateRun", "install", "run", "tell"]
