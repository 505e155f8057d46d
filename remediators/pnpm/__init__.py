"""package.json with pnpm-lock.yaml and pnpm-workspace.yaml."""
