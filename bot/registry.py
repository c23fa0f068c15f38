"""Finds the channels: every folder of `bot/channels` that offers a `CHANNEL`."""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

import bot.channels
from bot.channel import ChannelKind


def discover(package: ModuleType = bot.channels) -> Mapping[str, ChannelKind]:
    """The kinds by name, in alphabetical order. Another package may be given to add a channel from outside."""
    found = {}
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        if module.ispkg:
            kind: ChannelKind = import_module(f"{package.__name__}.{module.name}").CHANNEL
            found[kind.name] = kind
    return found
