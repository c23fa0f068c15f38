"""What the board of unanswered questions shows, as JSON."""

from datetime import datetime

from pydantic import BaseModel

from knowledge_base.models import EntryStatus
from nlu.models import Miss


class QuestionItem(BaseModel):
    id: int
    conversation_id: int
    text: str
    language: str
    miss: Miss
    at: datetime


class ReplyItem(BaseModel):
    """An agent's reply to one of the questions; `id` is its message."""

    id: int
    conversation_id: int
    text: str
    language: str
    at: datetime


class GroupItem(BaseModel):
    """Questions that mean the same. `title` is the most telling of them; `questions` begins with it and shows at most
    fifty, `ids` names all; `minutes` is what agents spent on their cases.
    """

    title: str
    language: str
    ids: list[int]
    customers: int
    minutes: float
    languages: dict[str, int]
    questions: list[QuestionItem]
    replies: list[ReplyItem]


class MadeItem(BaseModel):
    """What was made of a group. Of its `questions`, `answered` would be answered with the entry now, and `unseen` also if
    their own words were not among its phrasings; None while it is a draft.
    """

    entry: str
    question: str
    status: EntryStatus
    questions: int
    customers: int
    answered: int | None
    unseen: int | None


class BoardItem(BaseModel):
    """`single`: questions like no other. `behind`: questions that came while they were being grouped."""

    groups: list[GroupItem]
    single: list[QuestionItem]
    made: list[MadeItem]
    questions: int
    customers: int
    behind: int
