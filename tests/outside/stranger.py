"""A stranger's means: the command in a shell, processes, HTTP, and the database file afterwards. Nothing of ours imported."""

import hashlib
import hmac
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parent.parent.parent
COMMAND = Path(sys.executable).with_name("replydesk")
TELEGRAM_TOKEN = "100000001:demo-telegram-token-not-secret"
TELEGRAM_SECRET = "canary-webhook-secret"
PAGE = {
    "MESSENGER_PAGE_ID": "1000000000001",
    "MESSENGER_PAGE_TOKEN": "demo-page-token",
    "MESSENGER_APP_SECRET": "demo-app-secret",
    "MESSENGER_VERIFY_TOKEN": "demo-verify-token",
}
PASSWORD = "correct horse battery"
KNOWLEDGE = """id,language,question,phrasings,answer,tags
opening-hours,en,What are your opening hours?,When are you open?|What time do you close?|Are you open on Sunday?,We are open from 9 to 6.,shop
delivery-time,en,How long does delivery take?,When will my parcel arrive?|How fast do you ship?,Two to four days.,delivery|shipping
returns,en,How do I return an item?,Can I send it back?|I want to return my order,Send it back within 30 days.,returns
opening-hours,ru,Когда вы работаете?,Во сколько вы открываетесь?|Вы открыты в воскресенье?,Мы работаем с 9 до 18.,shop
"""


def surroundings(folder: Path, **variables: str) -> dict[str, str]:
    """The environment of a process whose data lies in `folder/data`, without a model and with none of our settings."""
    ours = ("REPLYDESK_", "TELEGRAM_", "MESSENGER_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    own = {"REPLYDESK_DATA_DIR": str(folder / "data"), "REPLYDESK_EMBEDDING_MODEL": "none"}
    return {name: value for name, value in {**inherited, **own, **variables}.items() if value}


def replydesk(*arguments: str, folder: Path, given: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in `folder`; `given` is its standard input."""
    return subprocess.run(
        [COMMAND, *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=folder,
        env=surroundings(folder, **variables),
    )


def done(*arguments: str, folder: Path, given: str = "", **variables: str) -> str:
    """What a command that must succeed prints."""
    told = replydesk(*arguments, folder=folder, given=given, **variables)
    assert told.returncode == 0, (arguments, told.stdout, told.stderr)
    return told.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(happened: Callable[[], Any], *, seconds: float = 40.0, what: str = "it") -> Any:
    """The first true thing that `happened` returns."""
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        found = happened()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds} s")


@contextmanager
def process(
    arguments: Sequence[str | Path], *, folder: Path, log: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs until the block ends; it must then stop by itself within ten seconds."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            arguments, cwd=folder, env=dict(environment), stdout=output, stderr=subprocess.STDOUT
        ) as running,
    ):
        try:
            yield running
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGTERM)
                try:
                    running.wait(timeout=12)
                except subprocess.TimeoutExpired:
                    running.kill()
                    raise


def is_ready(client: httpx.Client, running: subprocess.Popen[bytes]) -> bool:
    """Raises when the process has ended instead."""
    assert running.poll() is None, "replydesk ended instead of serving"
    return answers(client, "/readyz")


def answers(client: httpx.Client, path: str) -> bool:
    try:
        return client.get(path).status_code == 200
    except httpx.TransportError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A running product beside a running simulator. `log` is all that the product has said."""

    folder: Path
    url: str
    simulator: httpx.Client
    anonymous: httpx.Client
    tokens: Mapping[str, str]
    log: Path
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def as_user(self, name: str) -> httpx.Client:
        """A client with that user's API token: agent, colleague, editor, manager or admin."""
        if name not in self.clients:
            headers = {"Authorization": f"Bearer {self.tokens[name]}"}
            self.clients[name] = httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30)
        return self.clients[name]

    def customer(self, channel: str, name: str, *, language: str = "en") -> str:
        """A new customer's id."""
        body = {"channel": channel, "name": name, "language": language}
        return str(self.simulator.post("/control/customers", json=body).raise_for_status().json()["id"])

    def act(self, customer: str, action: str, **arguments: Any) -> None:
        answer = self.simulator.post(f"/control/customers/{customer}/{action}", json=arguments)
        assert answer.is_success, answer.text

    def sees(self, customer: str) -> list[str]:
        """What the brand's side has written on this customer's screen."""
        screen = self.simulator.get(f"/control/customers/{customer}/screen").raise_for_status().json()
        return [str(one["text"]) for one in screen["messages"] if one["author"] == "brand"]

    def conversation(self, name: str) -> dict[str, Any]:
        """The conversation of the contact with this name, once there is one."""

        def found() -> dict[str, Any] | None:
            items = self.as_user("admin").get("/conversations?limit=200").json()["items"]
            return next((item for item in items if item["contact"]["name"].startswith(name)), None)

        return dict(wait_until(found, what=f"{name}'s conversation"))

    def asks(self, channel: str, name: str, text: str) -> dict[str, Any]:
        """A new customer writes; their conversation as soon as the bot has decided about it."""
        self.act(self.customer(channel, name), "write", text=text)

        def decided() -> dict[str, Any] | None:
            item = self.conversation(name)
            said = item["last_message"]
            return item if item["status"] != "bot" or (said and said["author"] == "bot") else None

        return dict(wait_until(decided, what=f"a decision for {name}"))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database file holds, read by somebody else's program."""
        with sqlite3.connect(f"file:{self.folder / 'data' / 'replydesk.sqlite3'}?mode=ro", uri=True) as connection:
            return connection.execute(statement).fetchall()


def signed(body: bytes, secret: str = PAGE["MESSENGER_APP_SECRET"]) -> dict[str, str]:
    """Meta's signature over the raw bytes."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


@contextmanager
def running_place(folder: Path) -> Iterator[Place]:
    """Everything as an operator sets it up, by commands and the environment only; Telegram by webhook."""
    done("db", "upgrade", folder=folder)
    (folder / "knowledge.csv").write_text(KNOWLEDGE, encoding="utf-8")
    done("kb", "import", "knowledge.csv", folder=folder)
    arguments = ("user", "add", "admin@example.com", "--role", "admin", "--password-stdin")
    done(*arguments, folder=folder, given=f"{PASSWORD}\n")
    admin = done("user", "token", "admin@example.com", folder=folder).strip()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running_simulator(folder, product_url=url) as simulator_url:
        variables = {
            "REPLYDESK_PUBLIC_URL": url,
            "REPLYDESK_TURN_WAIT_MS": "100",
            "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
            "TELEGRAM_API_URL": f"{simulator_url}/telegram",
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
            "MESSENGER_GRAPH_URL": f"{simulator_url}/graph",
            **PAGE,
        }
        serve = [COMMAND, "serve", "--port", str(port)]
        log = folder / "serve.log"
        with (
            process(serve, folder=folder, log=log, environment=surroundings(folder, **variables)) as running,
            httpx.Client(base_url=url, timeout=30) as anonymous,
            httpx.Client(base_url=simulator_url, timeout=30) as simulator,
        ):
            wait_until(lambda: is_ready(anonymous, running), seconds=100, what="readiness")
            tokens = {"admin": admin, **_colleagues(url, admin)}
            place = Place(folder=folder, url=url, simulator=simulator, anonymous=anonymous, tokens=tokens, log=log)
            wait_until(lambda: _both_connected(simulator), what="connecting both platforms")
            yield place
            for client in place.clients.values():
                client.close()


def _colleagues(url: str, admin: str) -> dict[str, str]:
    """The other users, made by the administrator through REST; each signs in and makes a token."""
    roles = {"agent": "agent", "colleague": "agent", "editor": "editor", "manager": "manager"}
    tokens = {}
    for name, role in roles.items():
        user = {"email": f"{name}@example.com", "role": role, "name": name.title(), "password": PASSWORD}
        made = httpx.post(f"{url}/api/v1/users", json=user, headers={"Authorization": f"Bearer {admin}"}, timeout=30)
        assert made.status_code == 201, made.text
        with httpx.Client(base_url=url, headers={"Origin": url}, timeout=30) as browser:
            browser.post("/login", data={"email": user["email"], "password": PASSWORD})
            tokens[name] = browser.post("/api/v1/tokens").json()["token"]
    return tokens


def _both_connected(simulator: httpx.Client) -> bool:
    health = simulator.get("/control/health").json()
    return bool(health["telegram"]["webhook"] and health["messenger"]["verified"])


@contextmanager
def running_simulator(folder: Path, *, product_url: str = "") -> Iterator[str]:
    """The fakes as a process of their own; yields their address."""
    log = folder / "simulator.log"
    arguments = [sys.executable, "-m", "bot.simulator", "--port", "0", "--product-url", product_url, "--speed", "20"]
    environment = {**surroundings(folder), "PYTHONPATH": str(ROOT)}
    with process(arguments, folder=folder, log=log, environment=environment):
        line = wait_until(lambda: re.search(r"Simulator: (\S+)", log.read_text()), what="the simulator's start")
        yield line[1]
