"""What customers write and call themselves is shown as text and never does anything in an agent's browser."""

import json

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.outside.stranger import PASSWORD, TELEGRAM_SECRET, Place, wait_until

pytestmark = pytest.mark.browser
EVIL = "evil.example"
PAYLOADS = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    '"><script>window.pwned=1</script>',
    "'><img src=x onerror='window.pwned=1'>",
    "</title><script>window.pwned=1</script>",
    "</textarea><script>window.pwned=1</script>",
    "</style><script>window.pwned=1</script>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<iframe src=javascript:parent.pwned=1>",
    f"<img src=https://{EVIL}/pixel.png>",
    f"<link rel=stylesheet href=https://{EVIL}/a.css>",
    f"<style>@import url(https://{EVIL}/a.css)</style>",
    f"<meta http-equiv=refresh content='0;url=https://{EVIL}'>",
    f"<base href=https://{EVIL}/>",
    f"<form action=https://{EVIL}><button>Go</button></form>",
    f"<object data=https://{EVIL}/x></object>",
    f"<embed src=https://{EVIL}/x>",
    "<details open ontoggle=window.pwned=1>",
    "<body onload=window.pwned=1>",
    "<a href='javascript:window.pwned=1'>press</a>",
    "<math><mtext></p><img src=x onerror=window.pwned=1>",
    "<noscript><p title='</noscript><img src=x onerror=window.pwned=1>'>",
    "<template><script>window.pwned=1</script></template>",
    "{{7*7}}${7*7}<%= 7*7 %>{% debug %}",
    "javascript:window.pwned=1//",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "+ADw-script+AD4-window.pwned=1+ADw-/script+AD4-",
    "\u202e<script\u2028>window.pwned=1</script\u2029>\ufeff",
)
FOREIGN = "main script, img:not([src^='/']), iframe, object, embed, base, main style, main link, [onload], [onerror]"
"""What our own application never has; its icons are svg, its pictures come from this server."""


def test_thirty_payloads_are_shown_as_text_and_run_nowhere(place: Place) -> None:
    for number, texts in enumerate(PAYLOADS[start : start + 5] for start in range(0, len(PAYLOADS), 5)):
        _writes(place, number, name=texts[0], texts=texts)
    ids = wait_until(lambda: _conversations(place, 6), what="six conversations")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
        page.goto(f"{place.url}/login")
        page.fill("#email", "manager@example.com")
        page.fill("#password", PASSWORD)
        page.click("button.primary")
        page.wait_for_url(f"{place.url}/")
        for number, identity in enumerate(ids):
            expected = [payload for payload in PAYLOADS[number * 5 : number * 5 + 5] if payload != PAYLOADS[-1]]
            _look_at(page, f"{place.url}/conversations/{identity}", expected)
        browser.close()
    assert [address for address in asked if not address.startswith((place.url, "blob:", "data:"))] == []


def _look_at(page: Page, address: str, expected: list[str]) -> None:
    """Every payload stands there as text, and the page is nothing but ours."""
    answer = page.goto(address)
    assert answer is not None
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    wait_until(lambda: all(payload in page.inner_text("body") for payload in expected), what=f"{expected} as text")
    assert page.evaluate("window.pwned") is None
    assert page.query_selector_all(FOREIGN) == []


def _writes(place: Place, number: int, *, name: str, texts: tuple[str, ...]) -> None:
    sender = {"id": 800_000 + number, "is_bot": False, "first_name": name, "username": "customer"}
    for position, text in enumerate(texts):
        message = {
            "message_id": position + 1,
            "date": 1_790_000_000 + position,
            "chat": {"id": sender["id"], "type": "private", "first_name": name},
            "from": sender,
            "text": text,
        }
        body = json.dumps({"update_id": 800_000_000 + number * 10 + position, "message": message})
        headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
        assert place.anonymous.post("/webhooks/telegram/main", content=body, headers=headers).status_code == 200


def _conversations(place: Place, count: int) -> list[int] | None:
    rows = place.rows(
        "SELECT c.id FROM conversations c JOIN messages m ON m.conversation_id = c.id"
        " WHERE c.thread LIKE '80000%' AND m.author = 'customer' GROUP BY c.id HAVING count(*) = 5 ORDER BY c.thread"
    )
    return [int(row[0]) for row in rows] if len(rows) == count else None
