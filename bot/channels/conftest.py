"""What the channels' own tests share with all others."""

from tests.conftest import shared_dir

__all__ = ["shared_dir"]
