"""What to change: which versions, in which change sets, in which order. Pure."""
