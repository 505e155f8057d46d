"""Web hooks: who listens to what, what they are sent, and how it arrives."""
