"""setup.cfg, which is edited, and setup.py, which is only read."""
