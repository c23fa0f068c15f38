"""A discovery path like `bot.channels`, with one channel folder in it that no other file knows."""
