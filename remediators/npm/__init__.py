"""package.json with package-lock.json or npm-shrinkwrap.json."""
