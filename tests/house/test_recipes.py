"""One command is the truth: CI, pre-commit and people call the same recipes."""

import re
import subprocess
import tomllib

import pytest
import yaml

from tests.house.commands import ROOT

RECIPES = {"run", "setup", "test", "check", "format", "bench", "migrate"}


def planned(recipe: str) -> str:
    """What `make RECIPE` would run, with everything it needs."""
    told = subprocess.run(
        ["make", "--dry-run", "--always-make", recipe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return told.stdout


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_every_recipe_is_there_and_listed(recipe: str) -> None:
    assert planned(recipe)
    listed = subprocess.run(["make", "help"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert f"make {recipe} " in listed


def test_the_tests_begin_with_every_check() -> None:
    plan = planned("test")
    for tool in ("ruff format --check", "ruff check", "mypy", "lint-imports", "pytest"):
        assert tool in plan
    assert plan.index("lint-imports") < plan.index("pytest")


def test_ci_and_pre_commit_call_recipes() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    entries = [hook["entry"] for repository in hooks for hook in repository["hooks"]]
    assert entries
    assert all(re.fullmatch(r"make [a-z]+", entry) and entry.split()[1] in RECIPES for entry in entries)


def test_pytorch_is_pinned_and_never_the_cuda_build() -> None:
    plan = planned("setup")
    assert "torch==2.13.0" in plan
    assert "download.pytorch.org/whl/cpu" in plan
    for line in plan.splitlines():
        if "pip" in line and "install --" in line and "--upgrade pip" not in line:
            assert "--constraint constraints/no-cuda.txt" in line
    assert "torch==2.13.0" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_warnings_are_errors_and_types_are_strict() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert settings["pytest"]["ini_options"]["filterwarnings"][0] == "error"
    assert settings["mypy"]["strict"] is True
    assert settings["ruff"]["lint"]["select"] == ["ALL"]


def test_the_example_settings_file_holds_known_settings_only() -> None:
    from tests.house.test_docs import settings_in_code

    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    assert named
    assert named <= settings_in_code()
