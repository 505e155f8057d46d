"""Scripts that name their dependencies in a comment block (PEP 723)."""
