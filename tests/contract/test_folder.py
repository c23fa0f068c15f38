"""A channel folder holds adapter, pure parser, settings, fixtures, tests and README (issue 2, point 3)."""

from contextlib import AbstractAsyncContextManager

from pydantic import SecretStr

from bot.channel import Channel, ChannelKind, Opening
from core.errors import SendError
from tests.contract.case import EVERY_PLATFORM_CAN
from tests.contract.subjects import NOWHERE, Subject


def test_the_folder_has_the_same_drawers_as_its_siblings(subject: Subject) -> None:
    assert subject.folder.name == subject.kind.name
    assert len((subject.folder / "README.md").read_text(encoding="utf-8")) > 200
    assert (subject.folder / "adapter.py").is_file()
    assert (subject.folder / "parser.py").is_file()
    assert (subject.folder / "settings.py").is_file()
    assert subject.fixtures()
    assert list((subject.folder / "tests").glob("test_*.py"))


def test_every_setting_is_described_and_every_secret_is_a_secret_type(subject: Subject) -> None:
    fields = subject.kind.credentials.model_fields
    assert fields
    assert all(field.description for field in fields.values())
    given = subject.case.credentials(NOWHERE)
    held = {value.get_secret_value() for _, value in given if isinstance(value, SecretStr)}
    assert held
    assert held <= set(subject.case.secrets)
    assert subject.kind.environment_prefix.endswith("_")
    assert subject.kind.environment_prefix.isupper()


def test_every_setting_stands_in_the_readme(subject: Subject) -> None:
    readme = (subject.folder / "README.md").read_text(encoding="utf-8")
    names = [subject.kind.environment_prefix + field.upper() for field in subject.kind.credentials.model_fields]
    assert [name for name in names if name not in readme] == []


def test_every_fixture_has_an_expectation_and_every_expectation_a_fixture(subject: Subject) -> None:
    assert set(subject.fixtures()) == set(subject.case.expected)


def test_every_branch_of_send_errors_is_made_or_explained(subject: Subject) -> None:
    case = subject.case
    for trouble, error in EVERY_PLATFORM_CAN.items():
        assert issubclass(case.troubles[trouble], error)
    made = set(case.troubles.values())
    assert not made & set(case.never)
    assert made | set(case.never) == set(SendError.__subclasses__()) | _below(SendError)


def test_the_kind_offers_an_account_as_a_context(subject: Subject) -> None:
    kind: ChannelKind = subject.kind
    opened: AbstractAsyncContextManager[Channel] = subject.open()
    assert hasattr(opened, "__aenter__")
    assert kind.limits.text_length > 0
    assert Opening.__name__ in str(kind.open.__annotations__)


def _below(error: type[SendError]) -> set[type[SendError]]:
    found: set[type[SendError]] = set()
    for branch in error.__subclasses__():
        found |= {branch} | _below(branch)
    return found
