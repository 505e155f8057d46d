"""Pipfile and Pipfile.lock."""
