import logging

import httpx
import pytest
from pydantic import SecretStr

from core.errors import SettingMistake
from nlu.rasa.client import RasaClient, RasaUnavailable
from tests.nlu.rasa.scripted import TOKEN, URL, ScriptedRasa


async def test_a_ranking_comes_best_first_whatever_order_rasa_told() -> None:
    rasa = ScriptedRasa(rank=lambda _: {"low": 0.1, "high": 0.7})
    ranking = await rasa.client().parse("hello there")
    assert ranking.intents == (("high", 0.7), ("low", 0.1))


@pytest.mark.parametrize("text", ["", "  \n\t", "\u2003"])
async def test_a_blank_text_is_not_asked_about(text: str) -> None:
    rasa = ScriptedRasa(rank=lambda _: {"any": 1.0})
    assert (await rasa.client().parse(text)).intents == ()
    assert rasa.requests == []


async def test_a_lone_surrogate_is_replaced_before_it_is_sent() -> None:
    rasa = ScriptedRasa()
    await rasa.client().parse("open \ud83d now \udc00")
    assert rasa.asked == ["open \ufffd now \ufffd"]


async def test_a_very_long_text_is_cut() -> None:
    rasa = ScriptedRasa()
    await rasa.client().parse("word " * 20_000)
    assert len(rasa.asked[0]) <= 1500


def _raise(error: Exception) -> httpx.Response:
    raise error


REQUEST = httpx.Request("POST", f"{URL}/model/parse?token={TOKEN}")
TROUBLES = {
    "refused": lambda: _raise(httpx.ConnectError(f"no {TOKEN}", request=REQUEST)),
    "too slow": lambda: _raise(httpx.ReadTimeout(f"slow {TOKEN}", request=REQUEST)),
    "broken": lambda: httpx.Response(500, text=f"Traceback {TOKEN}"),
    "no token": lambda: httpx.Response(401, json={"reason": "NotAuthenticated"}),
    "no model": lambda: httpx.Response(409, json={"reason": "Conflict"}),
    "not JSON": lambda: httpx.Response(200, text="<html>"),
    "a list": lambda: httpx.Response(200, json=[1]),
    "no ranking": lambda: httpx.Response(200, json={"intent": {"name": "x"}}),
    "odd ranking": lambda: httpx.Response(200, json={"intent_ranking": [{"name": "x"}]}),
    "odd confidence": lambda: httpx.Response(200, json={"intent_ranking": [{"name": "x", "confidence": 7}]}),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_trouble_is_one_kind_of_error_and_never_tells_the_token(
    trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    rasa = ScriptedRasa(trouble=TROUBLES[trouble])
    with caplog.at_level(logging.WARNING), pytest.raises(RasaUnavailable) as raised:
        await rasa.client().parse("hello")
    assert TOKEN not in str(raised.value)
    assert raised.value.__cause__ is None
    assert TOKEN not in caplog.text


async def test_the_token_goes_where_rasa_reads_it_and_nowhere_else() -> None:
    rasa = ScriptedRasa()
    await rasa.client().parse("hello")
    request = rasa.requests[0]
    assert request.url.params["token"] == TOKEN
    assert TOKEN not in str(request.headers) + request.content.decode()


async def test_a_server_without_a_model_says_so() -> None:
    assert await ScriptedRasa(model_file=None).client().loaded_model() is None
    assert await ScriptedRasa(model_file="/models/one.tar.gz").client().loaded_model() == "one.tar.gz"


@pytest.mark.parametrize("url", ["127.0.0.1:5005", "ftp://127.0.0.1", "http://", "http://user:word@127.0.0.1:5005"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingMistake, match="REPLYDESK_RASA_URL"):
        RasaClient(http=ScriptedRasa().http(), url=url, token=SecretStr(TOKEN))


@pytest.mark.parametrize("token", [None, SecretStr("")])
def test_rasa_is_not_spoken_to_without_a_token(token: SecretStr | None) -> None:
    with pytest.raises(SettingMistake, match="REPLYDESK_RASA_TOKEN"):
        RasaClient(http=ScriptedRasa().http(), url=URL, token=token)
