"""The sandbox around package managers, and the one way out of it."""
