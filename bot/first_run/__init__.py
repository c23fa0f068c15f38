"""The first run: from the administrator's account to the first answered question."""
