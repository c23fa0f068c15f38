"""A Rasa that we own, at the network's edge: answers `/model/parse` and `/status` as told."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
from pydantic import SecretStr

from knowledge_base.search import Knowledge, KnownText
from nlu.rasa.client import RasaClient
from nlu.rasa.practice import Outcomes
from nlu.rasa.trained import TrainedModel
from nlu.rasa.training_data import intent_of

TOKEN = "a-very-secret-token"
URL = "http://127.0.0.1:5005"


@dataclass
class ScriptedRasa:
    """`rank` gives intents with confidences for a text; `trouble`, while set, answers every request instead."""

    rank: Callable[[str], Mapping[str, float]] = lambda _: {}
    model_file: str | None = "models/replydesk-1.tar.gz"
    trouble: Callable[[], httpx.Response] | None = None
    asked: list[str] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.trouble is not None:
            return self.trouble()
        if request.url.params.get("token") != TOKEN:
            return httpx.Response(401, json={"reason": "NotAuthenticated"})
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/status":
            loaded = {"model_file": self.model_file}
            return httpx.Response(409, json={}) if self.model_file is None else httpx.Response(200, json=loaded)
        if request.method == "PUT":
            return httpx.Response(204)
        text = str(_json(request)["text"])
        self.asked.append(text)
        ranking = [{"name": name, "confidence": confidence} for name, confidence in self.rank(text).items()]
        return httpx.Response(200, json={"text": text, "intent_ranking": ranking})

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self))

    def client(self, **options: Any) -> RasaClient:
        return RasaClient(http=self.http(), url=URL, token=SecretStr(TOKEN), **options)


def _json(request: httpx.Request) -> Mapping[str, Any]:
    return dict(json.loads(request.content))


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


KNOWLEDGE = Knowledge(
    texts=tuple(
        KnownText(entry=entry, language="en", text=text, kind=kind)  # type: ignore[arg-type]
        for entry, kind, text in (
            ("opening", "question", "When are you open?"),
            ("opening", "phrasing", "what are your opening hours"),
            ("opening", "answer", "From nine to six."),
            ("returns", "question", "How do I return an order?"),
            ("returns", "phrasing", "send my parcel back"),
            ("returns", "answer", "Within thirty days."),
            ("payment", "question", "Which cards do you take?"),
            ("payment", "phrasing", "can I pay by card"),
            ("payment", "answer", "All of them."),
        )
    ),
    revision="first",
)


def outcomes(count: int = 80) -> Outcomes:
    """A practice in which what Rasa is sure of is right and the rest is wrong."""
    right = np.arange(count) % 2 == 0
    signs = np.where(right[:, None], [4.0, 0.9, 0.99, 1.0], [-2.0, 0.05, 0.5, 0.2])
    return Outcomes(
        signs=np.asarray(signs, dtype=np.float64),
        right=right,
        answerable=right,
        rescued=np.zeros(count, dtype=bool),
        weights=np.ones(count),
        languages=np.full(count, "en"),
        groups=np.arange(count, dtype=np.intp),
    )


def trained(*, name: str = "replydesk-1", revision: str = "first", entries: tuple[str, ...] = ()) -> TrainedModel:
    known = entries or ("opening", "returns", "payment")
    return TrainedModel(
        name=name,
        revision=revision,
        configuration="logistic",
        trained_at="2026-11-22T09:00:00+00:00",
        intents={intent_of(entry): entry for entry in known},
        outcomes=outcomes(),
    )
