"""What a fix costs on top of the package manager: the bot beside each tool's own command, in turn."""
