"""What the ecosystems of Python share: requirements, specifiers, lock tools, whether pins can be installed together."""
