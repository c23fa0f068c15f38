"""What goes wrong in writing a conversation down."""


class ScriptMistakeError(Exception):
    """The file says something that the runner does not understand; the sentence says where and what it takes."""
