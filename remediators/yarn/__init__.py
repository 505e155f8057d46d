"""package.json with yarn.lock, of Yarn classic and of Yarn berry."""
