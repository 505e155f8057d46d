"""Second opinions on what is vulnerable, by programs that are not ours."""
