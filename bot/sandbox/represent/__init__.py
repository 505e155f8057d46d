"""JSON representations: one module per noun, as GitLab's API entities."""
