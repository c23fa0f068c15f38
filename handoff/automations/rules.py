"""What an automation may be: one trigger, narrowing conditions, a few actions. JSON in, checked."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.languages import LANGUAGES

_STRICT = ConfigDict(extra="forbid", frozen=True)
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
Minutes = Annotated[int, Field(ge=1, le=43_200)]
Language = Annotated[str, Field(pattern=f"^({'|'.join(LANGUAGES)})$")]


class Condition(BaseModel):
    """Which conversations are meant; nothing named means all."""

    model_config = _STRICT

    channels: list[Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]] = Field(default=[], max_length=20)
    languages: list[Language] = Field(default=[], max_length=20)
    least_priority: int = Field(default=0, ge=0, le=2)


class NewCase(Condition):
    kind: Literal["new_case"]


class SilentAssignee(Condition):
    """The owner lets the customer wait for so long."""

    kind: Literal["silent_assignee"]
    minutes: Minutes


class ClosingWindow(Condition):
    """The platform's window closes in so many minutes, and the customer still waits."""

    kind: Literal["closing_window"]
    minutes: Minutes


class Keyword(Condition):
    """A customer's message has one of the words; capital letters do not matter."""

    kind: Literal["keyword"]
    words: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field(min_length=1, max_length=50)


class Rating(Condition):
    """A customer gave at most so many stars."""

    kind: Literal["rating"]
    at_most: int = Field(ge=1, le=5)


Trigger = Annotated[NewCase | SilentAssignee | ClosingWindow | Keyword | Rating, Field(discriminator="kind")]


class Assign(BaseModel):
    """To an agent, or into a team's queue."""

    model_config = _STRICT

    kind: Literal["assign"]
    user_id: Id | None = None
    team_id: Id | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "Assign":
        if (self.user_id is None) == (self.team_id is None):
            raise ValueError("name either 'user_id' or 'team_id'")
        return self


class SetPriority(BaseModel):
    model_config = _STRICT

    kind: Literal["priority"]
    priority: int = Field(ge=0, le=2)


class AddTag(BaseModel):
    model_config = _STRICT

    kind: Literal["tag"]
    tag: str = Field(min_length=1, max_length=40)


class WriteNote(BaseModel):
    model_config = _STRICT

    kind: Literal["note"]
    text: str = Field(min_length=1, max_length=2000)


class SendCanned(BaseModel):
    """The canned reply, in the conversation's language where it has it."""

    model_config = _STRICT

    kind: Literal["canned"]
    reply_id: Id


class CallWebhook(BaseModel):
    model_config = _STRICT

    kind: Literal["webhook"]
    webhook_id: Id


class Resolve(BaseModel):
    model_config = _STRICT

    kind: Literal["resolve"]


Action = Annotated[
    Assign | SetPriority | AddTag | WriteNote | SendCanned | CallWebhook | Resolve, Field(discriminator="kind")
]


class Rule(BaseModel):
    """When `trigger`, then all `actions`, in their order."""

    model_config = _STRICT

    trigger: Trigger
    actions: list[Action] = Field(min_length=1, max_length=10)
