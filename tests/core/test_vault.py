"""The secret key: made once, kept private, and what hangs on it."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import SettingMistake
from core.settings import Settings
from core.vault import KEY_FILE, Vault


def test_the_key_is_made_on_first_start_readable_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    sealed = Vault.from_settings(Settings(data_dir=folder)).seal({"token": "123:abc"})
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert b"123:abc" not in sealed
    assert Vault.from_settings(Settings(data_dir=folder)).open(sealed) == {"token": "123:abc"}
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: Vault.from_settings(Settings(data_dir=tmp_path)).derive("x"), range(16)))
    assert len(set(made)) == 1


def test_derived_secrets_are_stable_and_differ_by_name_and_key() -> None:
    vault = Vault("k" * 40)
    assert vault.derive("webhook/a") == Vault("k" * 40).derive("webhook/a")
    assert len({vault.derive("webhook/a"), vault.derive("webhook/b"), Vault("q" * 40).derive("webhook/a")}) == 3
    assert len(vault.derive("webhook/a")) == 64


def test_another_key_and_damage_are_told_plainly(tmp_path: Path) -> None:
    sealed = Vault("k" * 40).seal([1, "Ж"])
    assert Vault("k" * 40).open(sealed) == [1, "Ж"]
    for vault, content in ((Vault("q" * 40), sealed), (Vault("k" * 40), sealed[:-4]), (Vault("k" * 40), b"")):
        with pytest.raises(SettingMistake, match="secret key"):
            vault.open(content)


def test_a_short_empty_or_unreadable_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingMistake, match="too short"):
        Vault.from_settings(Settings(data_dir=tmp_path, secret_key=SecretStr("short")))
    (tmp_path / KEY_FILE).write_bytes(b"")
    with pytest.raises(SettingMistake, match="too short"):
        Vault.from_settings(Settings(data_dir=tmp_path))
    (tmp_path / KEY_FILE).write_bytes(b"\xff" * 50)
    with pytest.raises(SettingMistake, match="cannot be read"):
        Vault.from_settings(Settings(data_dir=tmp_path))
