"""What one Telegram message can hold (CHANNELS.md 1.6), and how much is fetched."""

from typing import Final

from bot.channel import Limits

TEXT_LENGTH: Final = 4096
"""UTF-16 units, never more than the platform counts."""
CAPTION_LENGTH: Final = 1024
PAYLOAD_BYTES: Final = 64
LARGEST_UPLOAD: Final = 50 * 1024 * 1024
LARGEST_PHOTO: Final = 10 * 1024 * 1024
LARGEST_DOWNLOAD: Final = 20 * 1024 * 1024

LIMITS: Final = Limits(
    text_length=TEXT_LENGTH,
    caption_length=CAPTION_LENGTH,
    buttons=10,  # Telegram allows more; a phone shows ten rows without scrolling
    button_title_length=64,
    account_per_second=30.0,
    recipient_per_second=1.0,
)
