"""Package registries: which hosts may be asked, what was heard of them, and what releases bring."""
