"""The fake Graph API for Messenger (CHANNELS.md 2)."""
