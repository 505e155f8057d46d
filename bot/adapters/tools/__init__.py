"""Package managers as processes: where they run, with what, and within which limits."""
