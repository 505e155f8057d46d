"""What people read of our work."""
