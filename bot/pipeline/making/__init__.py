"""Change sets made real on a tree, alone or several together, and proven."""
