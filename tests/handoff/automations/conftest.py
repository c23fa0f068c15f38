from tests.handoff.floor import floor

__all__ = ["floor"]
