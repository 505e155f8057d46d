"""python-gitlab as a client: what of it GitLab's embedded double serves, and its story."""

from conformance.python_gitlab.story import tell

__all__ = ["tell"]
