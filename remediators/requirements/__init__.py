"""requirements.txt and its constraints, as pip reads them."""
