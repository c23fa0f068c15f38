"""No secret of an account shows in an error, a repr or a log line (CHANNELS.md 0, rule 10)."""

import logging
import traceback

import pytest
from structlog.testing import capture_logs

from bot.channel import Checking, Preparing, Signal, SignalKind, Signalling
from core.errors import Refused, SendError
from tests.contract.case import FakePlatform
from tests.contract.subjects import NOWHERE, Subject, request
from tests.contract.test_send import outbound


async def test_errors_and_logs_of_sending_hold_no_secret(
    subject: Subject, fake: FakePlatform, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    spoken = []
    with capture_logs() as events:
        for trouble in subject.case.troubles:
            async with subject.open(fake.base_url) as channel:
                fake.fail_next(trouble)
                with pytest.raises(SendError) as raised:
                    await channel.send(outbound(fake.thread))
                spoken += [
                    repr(raised.value),
                    *traceback.format_exception(raised.value),
                    repr(channel),
                    str(vars(raised.value)),
                ]
        async with subject.open(NOWHERE) as channel:
            with pytest.raises(SendError) as raised:
                await channel.send(outbound("1"))
            spoken += [repr(raised.value), *traceback.format_exception(raised.value)]
    printed = capfd.readouterr()
    clean(subject, [*spoken, caplog.text, str(events), printed.out, printed.err])


async def test_checks_and_signals_hold_no_secret(subject: Subject, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    spoken = []
    async with subject.case.fake() as fake:
        for base_url in (fake.base_url, NOWHERE):
            async with subject.open(base_url) as channel:
                if isinstance(channel, Checking):
                    spoken += [finding.sentence for finding in await channel.check()]
                if isinstance(channel, Signalling):
                    spoken.append(await _spoken_by(channel.signal(Signal(kind=SignalKind.TYPING, thread=fake.thread))))
                if isinstance(channel, Preparing):
                    spoken.append(await _spoken_by(channel.prepare()))
    clean(subject, [*spoken, caplog.text])


async def test_refusals_and_settings_hold_no_secret(subject: Subject) -> None:
    credentials = subject.case.credentials(NOWHERE)
    body = next(iter(subject.fixtures().values()))
    async with subject.open() as channel:
        with pytest.raises(Refused) as refusal:
            await channel.receive(request(body, subject.case.wrongly_signed(body)))
    clean(
        subject,
        [repr(credentials), str(credentials), credentials.model_dump_json(), repr(refusal.value), str(refusal.value)],
    )


async def _spoken_by(call: object) -> str:
    try:
        await call  # type: ignore[misc]
    except SendError as error:
        return "".join(traceback.format_exception(error))
    return ""


def clean(subject: Subject, texts: list[str]) -> None:
    assert subject.case.secrets
    for secret in subject.case.secrets:
        assert not any(secret in text for text in texts)
