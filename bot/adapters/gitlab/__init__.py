"""GitLab's API: read, swept and written to."""
