"""Postcards: an invented platform, small enough to read in a minute, that shows what a channel folder needs."""

from datetime import timedelta

from bot.channel import ChannelKind, DoubtPolicy, Limits

from .adapter import open_account
from .parser import parse
from .settings import PostcardCredentials

CHANNEL = ChannelKind(
    name="postcard",
    title="Postcards",
    credentials=PostcardCredentials,
    environment_prefix="POSTCARD_",
    limits=Limits(text_length=200, measure=len, window=timedelta(days=7)),
    doubt=DoubtPolicy.HAND_OVER,
    parse=parse,
    open=open_account,
)
