"""The fake Telegram Bot API (CHANNELS.md 1)."""
