"""The sections of the store: each the words for one part of what is remembered."""
