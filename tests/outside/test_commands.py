"""Every command of DESIGN.md section 4, run as an operator runs it."""

import csv
import io
import json
import signal
import socket
import stat
from pathlib import Path

import httpx
import pytest

from tests.outside.stranger import (
    COMMAND,
    KNOWLEDGE,
    TELEGRAM_TOKEN,
    done,
    free_port,
    process,
    replydesk,
    running_simulator,
    surroundings,
    wait_until,
)

GROUPS = {"serve", "worker", "demo", "doctor", "db", "user", "channel", "kb", "nlu", "metrics", "dead-letter"}
LATE = {"import", "export", "check", "ask", "report", "explain"}
OTHER_TOKEN = "222222222:another-token-that-no-platform-knows-of"
ASKED_KEYS = {"sentence", "decision", "label", "confidence", "alternatives"}
TRAIN = """sentence,label
What are your opening hours?,opening-hours
When are you open?,opening-hours
What time do you close?,opening-hours
How long does delivery take?,delivery-time
When will my parcel arrive?,delivery-time
How fast do you ship?,delivery-time
How do I return an item?,returns
Can I send it back?,returns
I want to return my order,returns
"""
QUESTIONS = """sentence,label
when do you open,opening-hours
hello,out_of_scope
I want to talk to a person,out_of_scope
what is the meaning of life,out_of_scope
"how do i return, please?",returns
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty database."""
    folder = tmp_path_factory.mktemp("house")
    done("db", "upgrade", folder=folder)
    return folder


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose database knows three entries."""
    folder = tmp_path_factory.mktemp("taught")
    done("db", "upgrade", folder=folder)
    (folder / "knowledge.csv").write_text(KNOWLEDGE, encoding="utf-8")
    done("kb", "import", "knowledge.csv", folder=folder)
    return folder


def test_every_command_of_the_contract_is_there(house: Path) -> None:
    listed = done("--help", folder=house)
    assert {name for name in GROUPS if f" {name} " not in listed} == set()
    listed = done("kb", "--help", folder=house) + done("metrics", "--help", folder=house)
    assert {name for name in LATE if f" {name} " not in listed} == set()


def test_the_first_upgrade_makes_folder_and_database_and_the_second_changes_nothing(tmp_path: Path) -> None:
    done("db", "upgrade", folder=tmp_path)
    before = (tmp_path / "data" / "replydesk.sqlite3").read_bytes()
    assert "is at revision" in done("db", "upgrade", folder=tmp_path)
    assert (tmp_path / "data" / "replydesk.sqlite3").read_bytes() == before


def test_a_database_elsewhere_is_used_where_the_address_says_so(tmp_path: Path) -> None:
    done("db", "upgrade", folder=tmp_path, REPLYDESK_DATABASE_URL=f"sqlite:///{tmp_path}/elsewhere.sqlite3")
    assert (tmp_path / "elsewhere.sqlite3").exists()
    assert not (tmp_path / "data" / "replydesk.sqlite3").exists()


def test_a_user_gets_a_token_that_is_shown_once_and_kept_as_a_digest(house: Path) -> None:
    done(
        "user", "add", "anna@example.com", "--role", "agent", "--password-stdin", folder=house, given="long enough 1\n"
    )
    first, second = (done("user", "token", "anna@example.com", folder=house) for _ in range(2))
    assert len(first.split()) == 1
    assert first != second
    kept = stored_bytes(house)
    assert first.strip().encode() not in kept
    assert b"long enough 1" not in kept


def test_an_account_is_added_through_standard_input_and_its_credentials_are_encrypted(tmp_path: Path) -> None:
    done("db", "upgrade", folder=tmp_path)
    told = done("channel", "add", "telegram", folder=tmp_path, given=f"{OTHER_TOKEN}\n")
    told += done("channel", "list", folder=tmp_path)
    assert "telegram/main" in told
    assert OTHER_TOKEN not in told
    assert OTHER_TOKEN.partition(":")[2].encode() not in stored_bytes(tmp_path)
    assert stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode) == 0o600


def test_several_accounts_are_added_listed_and_removed(tmp_path: Path) -> None:
    done("db", "upgrade", folder=tmp_path)
    page = ("page_id=77", "page_token=EAAsecret123", "app_secret=abcdef123456", "verify_token=word")
    settings = [part for setting in page for part in ("--set", setting)]
    url = "https://brand.example"
    done("channel", "add", "telegram", "--set", f"bot_token={OTHER_TOKEN}", folder=tmp_path)
    done("channel", "add", "messenger", "--name", "second", *settings, folder=tmp_path)
    listed = done("channel", "list", folder=tmp_path, REPLYDESK_PUBLIC_URL=url)
    assert f"{url}/webhooks/telegram/main" in listed
    assert f"{url}/webhooks/messenger/second" in listed
    done("channel", "remove", "messenger", "--name", "second", folder=tmp_path)
    assert "messenger/second\tremoved" in done("channel", "list", folder=tmp_path)


def test_a_wrong_token_is_told_in_one_plain_sentence(tmp_path: Path) -> None:
    done("db", "upgrade", folder=tmp_path)
    with running_simulator(tmp_path) as simulator:
        for name, token in (("wrong", OTHER_TOKEN), ("right", TELEGRAM_TOKEN)):
            settings = ("--set", f"bot_token={token}", "--set", f"api_url={simulator}/telegram")
            done("channel", "add", "telegram", "--name", name, *settings, folder=tmp_path)
        told = replydesk("channel", "check", "telegram", folder=tmp_path)
        assert replydesk("doctor", folder=tmp_path).returncode == 1
    assert told.returncode == 1
    assert "Traceback" not in told.stdout + told.stderr
    bad = [line for line in told.stdout.splitlines() if line.startswith("bad")]
    assert len(bad) == 1
    assert "telegram/wrong" in bad[0]
    assert OTHER_TOKEN not in told.stdout + told.stderr
    assert "ok       telegram/right" in told.stdout


def test_a_second_import_changes_nothing_and_every_format_comes_back_as_it_went(taught: Path) -> None:
    assert "0 added, 0 changed, 3 unchanged" in done("kb", "import", "knowledge.csv", folder=taught)
    for ending in ("csv", "yaml", "json"):
        done("kb", "export", "--output", f"out.{ending}", folder=taught)
        assert "0 added, 0 changed, 3 unchanged" in done("kb", "import", f"out.{ending}", folder=taught)
    rows = list(csv.DictReader(io.StringIO(done("kb", "export", folder=taught))))
    assert {"id", "language", "question", "phrasings", "answer", "tags"} <= set(rows[0])
    assert [row["id"] for row in rows] == ["delivery-time", "opening-hours", "opening-hours", "returns"]


def test_a_bad_file_is_refused_whole_with_line_numbers(taught: Path) -> None:
    before = done("kb", "export", folder=taught)
    faulty = "id,language,question,phrasings,answer,tags\nnew,en,New?,,Yes.,\nparcel,en,,,No.,\nother,xx,What?,,No.,\n"
    (taught / "faulty.csv").write_text(faulty, encoding="utf-8")
    told = replydesk("kb", "import", "faulty.csv", folder=taught)
    assert told.returncode == 2
    assert "line 3" in told.stderr
    assert "line 4" in told.stderr
    assert "Traceback" not in told.stderr
    assert done("kb", "export", folder=taught) == before


def test_the_check_finds_what_should_be_mended(tmp_path: Path) -> None:
    done("db", "upgrade", folder=tmp_path)
    double = "id,language,question,phrasings,answer,tags\na,en,Where are you?,Where is the shop?,Here.,\nb,en,Address?,Where is the shop,There.,\n"
    (tmp_path / "double.csv").write_text(double, encoding="utf-8")
    done("kb", "import", "double.csv", folder=tmp_path)
    found = replydesk("kb", "check", "--json", folder=tmp_path)
    kinds = {(one["level"], one["entry"]) for one in json.loads(found.stdout)}
    assert {entry for _, entry in kinds} == {"a", "b"}
    assert found.returncode == (1 if any(level == "error" for level, _ in kinds) else 0)


@pytest.mark.parametrize(
    ("text", "decision", "label"),
    [
        ("When are you open?", "answer", "opening-hours"),
        ("Во сколько вы открываетесь?", "answer", "opening-hours"),
        ("hello", "smalltalk", None),
        ("I want to talk to a human being about my return", "handoff", None),
    ],
)
def test_a_question_is_asked_as_a_customer_would(text: str, decision: str, label: str | None, taught: Path) -> None:
    told = json.loads(done("kb", "ask", text, "--json", folder=taught))
    assert set(told) >= ASKED_KEYS
    assert (told["sentence"], told["decision"]) == (text, decision)
    assert told["label"] in ({label} if label else {"opening-hours", "delivery-time", "returns"})
    assert 0 <= told["confidence"] <= 1
    assert len(told["alternatives"]) <= 3


def test_the_evaluation_writes_a_row_for_every_question(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(TRAIN, encoding="utf-8")
    (tmp_path / "test.csv").write_text(QUESTIONS, encoding="utf-8")
    arguments = ("--knowledge", "train.csv", "--questions", "test.csv", "--predictions", "out.csv", "--json")
    figures = json.loads(done("nlu", "evaluate", *arguments, folder=tmp_path))
    assert figures["questions"] == 5
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["sentence", "decision", "label", "confidence", "alternatives"]
    assert [row["sentence"] for row in rows] == [row["sentence"] for row in csv.DictReader(io.StringIO(QUESTIONS))]
    assert {row["decision"] for row in rows} <= {"answer", "clarify", "smalltalk", "handoff"}
    assert rows[1]["decision"] == "smalltalk"
    assert rows[2]["decision"] == "handoff"
    for row in rows:
        assert row["label"] in {"opening-hours", "delivery-time", "returns"}
        assert 0 <= float(row["confidence"]) <= 1
        assert len(row["alternatives"].split("|")) <= 3


def test_the_calibration_is_told_as_a_curve(taught: Path) -> None:
    told = json.loads(done("nlu", "calibrate", "--json", folder=taught))
    assert set(told) == {"max_wrong_answer_rate", "curve", "expected", "observed"}
    assert {"language", "max_wrong_answer_rate", "cutoff", "answered", "wrong"} <= set(told["curve"][0])


def test_figures_are_reported_explained_and_exported(taught: Path) -> None:
    period = ("--since", "2026-01-01", "--until", "2026-12-31", "--now", "2026-12-31T00:00:00Z")
    figures = json.loads(done("metrics", "report", *period, "--format", "json", folder=taught))
    timeline = {"now": "2026-12-31T00:00:00Z", "since": "2026-01-01T00:00:00Z", "until": "2026-12-31T00:00:00Z"}
    (taught / "timeline.json").write_text(json.dumps({**timeline, "events": []}))
    explained = json.loads(done("metrics", "explain", "timeline.json", folder=taught))
    assert set(figures) - set(explained) == {"promises", "feedback", "service_level"}  # kept beside the timeline
    assert set(explained) <= set(figures)
    assert explained["response_rate"] == figures["response_rate"]
    done("metrics", "export", *period, "--to", "rows.csv", folder=taught)
    assert (taught / "rows.csv").read_text().startswith("kind,conversation,channel,began_at")


def test_without_trouble_there_are_no_dead_letters(taught: Path) -> None:
    assert "no dead letters" in done("dead-letter", "list", folder=taught)


def test_the_doctor_is_content_with_a_fresh_house_and_names_what_is_missing(taught: Path, tmp_path: Path) -> None:
    told = done("doctor", folder=taught)
    for looked_at in ("settings", "disk", "database", "model", "channels", "clock"):
        assert f"{looked_at}: " in told
    ill = replydesk("doctor", folder=tmp_path)
    assert ill.returncode == 1
    assert "replydesk db upgrade" in ill.stdout


def test_the_demo_starts_from_nothing_and_stops_when_told(tmp_path: Path) -> None:
    port, simulator_port = free_port(), free_port()
    log = tmp_path / "demo.log"
    arguments = [COMMAND, "demo", "--port", str(port), "--simulator-port", str(simulator_port)]
    with process(arguments, folder=tmp_path, log=log, environment=surroundings(tmp_path)) as running:
        wait_until(lambda: "Stop with Ctrl+C" in log.read_text(), seconds=60, what="the demo's start")
        told = log.read_text()
        link = next(word for word in told.split() if "/setup?token=" in word)
        wait_until(lambda: opens(link), what="the set-up page")
        assert "<html" in httpx.get(f"http://127.0.0.1:{simulator_port}/").text
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=12) == 0


def test_a_port_in_use_is_told_in_one_plain_sentence(taught: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = replydesk("serve", "--port", str(port), folder=taught)
    assert told.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{port}" in told.stderr
    assert "Traceback" not in told.stderr


def test_web_and_worker_can_be_two_processes(taught: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    token = _administrator(taught)
    with running_simulator(taught, product_url=url) as simulator:
        telegram = {"TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN, "TELEGRAM_API_URL": f"{simulator}/telegram"}
        environment = surroundings(taught, REPLYDESK_TURN_WAIT_MS="50", **telegram)
        web, worker = [COMMAND, "serve", "--no-worker", "--port", str(port)], [COMMAND, "worker"]
        with (
            process(web, folder=taught, log=taught / "web.log", environment=environment),
            process(worker, folder=taught, log=taught / "worker.log", environment=environment),
        ):
            wait_until(lambda: "listening" in (taught / "web.log").read_text(), what="the web's start")
            body = {"channel": "telegram", "name": "Vera"}
            customer = httpx.post(f"{simulator}/control/customers", json=body).json()["id"]
            httpx.post(f"{simulator}/control/customers/{customer}/write", json={"text": "When are you open?"})

            def answered() -> bool:
                headers = {"Authorization": f"Bearer {token}"}
                items = httpx.get(f"{url}/api/v1/conversations", headers=headers).json()["items"]
                return any(item["last_message"]["text"] == "We are open from 9 to 6." for item in items)

            wait_until(answered, what="an answer by the worker, seen through the web")


def _administrator(folder: Path) -> str:
    done("user", "add", "root@example.com", "--role", "admin", folder=folder)
    return done("user", "token", "root@example.com", folder=folder).strip()


def opens(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


def stored_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (folder / "data").glob("replydesk.sqlite3*"))
