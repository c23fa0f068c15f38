"""Every conversation of the languages' folders, through the front door; README.md tells how to write one."""

from collections import Counter
from collections.abc import Mapping

import pytest

from core.languages import LANGUAGES
from tests.conversations.script import Script, read_scripts
from tests.conversations.stage import Performance

SCRIPTS = read_scripts()


@pytest.mark.timeout(600)  # the first one waits for the house, the model and all conversations
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("script", SCRIPTS, ids=[script.id for script in SCRIPTS])
async def test_the_conversation_goes_as_the_support_lead_wants(
    script: Script, performances: Mapping[str, Performance]
) -> None:
    performance = performances[script.id]
    if performance.complaint is not None:
        heading = f"{script.id}: {script.name} ({script.channel}, {script.language})"
        pytest.fail("\n".join([heading, *performance.transcript, performance.complaint]), pytrace=False)


def test_each_of_the_five_languages_has_its_conversations() -> None:
    counts = Counter(script.language for script in SCRIPTS)
    assert set(counts) == set(LANGUAGES)
    assert min(counts.values()) >= 14, counts
    assert sum(counts.values()) >= 80, counts
    assert {script.channel for script in SCRIPTS} == {"telegram", "messenger"}
