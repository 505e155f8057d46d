"""Advisory data and lists of attacks, kept in the store."""
