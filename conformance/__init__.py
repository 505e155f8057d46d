"""Holds the embedded GitLab against programs that nobody here wrote."""
