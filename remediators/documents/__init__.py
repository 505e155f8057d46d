"""The file formats of manifests and lockfiles: read with the place of every value, edited with all other bytes kept."""
