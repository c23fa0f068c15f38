"""/openapi.json is true, and no request that anybody can think of breaks a route: schemathesis as an administrator."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.outside.stranger import (
    COMMAND,
    PAGE,
    done,
    free_port,
    is_ready,
    process,
    signed,
    surroundings,
    wait_until,
)
from tests.outside.test_webhooks import page_body

CHECKS = (not_a_server_error, content_type_conformance, response_schema_conformance)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address and an administrator's token of a product with one conversation, to be broken if it can be."""
    folder = tmp_path_factory.mktemp("served")
    done("db", "upgrade", folder=folder)
    done("user", "add", "admin@example.com", "--role", "admin", folder=folder)
    token = done("user", "token", "admin@example.com", folder=folder).strip()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = surroundings(folder, MESSENGER_GRAPH_URL="http://127.0.0.1:9", **PAGE)
    log = folder / "serve.log"
    serve = [COMMAND, "serve", "--port", str(port)]
    with (
        process(serve, folder=folder, log=log, environment=environment) as running,
        httpx.Client(base_url=url) as client,
    ):
        wait_until(lambda: is_ready(client, running), seconds=100, what="readiness")
        body = page_body("m_fuzzed")
        assert client.post("/webhooks/messenger/main", content=body, headers=signed(body)).status_code == 200
        yield url, token
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_no_request_breaks_a_route_or_its_description(served: tuple[str, str]) -> None:
    """All but the endless stream of events, and the route by which the token in use can be taken away."""
    url, token = served
    whole = schemathesis.openapi.from_url(f"{url}/openapi.json")
    description = whole.exclude(path="/api/v1/events").exclude(method="DELETE", path_regex="/tokens/")
    broken, tried = [], 0
    for found in description.get_all_operations():
        operation = found.ok()
        tried += 1
        try:
            _try_out(operation, token)
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - all that is broken is told at once
            broken.append(f"{operation.label}: {error}")
    assert broken == []
    assert tried > 25


def _try_out(operation: Any, token: str) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS, timeout=30)

    ask()
