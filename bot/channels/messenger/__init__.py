"""Facebook Messenger (Graph API v25.0): one account is one Page. See README.md and CHANNELS.md section 2."""

from typing import Final

from bot.channel import ChannelKind, DoubtPolicy
from bot.channels.messenger.adapter import open_account
from bot.channels.messenger.parser import parse
from bot.channels.messenger.sending import LIMITS
from bot.channels.messenger.settings import MessengerCredentials

CHANNEL: Final = ChannelKind(
    name="messenger",
    title="Messenger",
    credentials=MessengerCredentials,
    environment_prefix="MESSENGER_",
    limits=LIMITS,
    doubt=DoubtPolicy.AWAIT_ECHO,
    parse=parse,
    open=open_account,
)
