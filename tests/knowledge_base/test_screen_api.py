"""What the knowledge screen asks for beside the entries: files in and out, what to mend, who asks in what language."""

from typing import Any

from sqlalchemy import insert

from core.database import Database
from core.models import Account, Contact, Conversation
from tests.knowledge_base.conftest import NOW, Client

ENTRIES = "/api/v1/knowledge/entries"
IMPORT = "/api/v1/knowledge/import"
TABLE = (
    "id,language,question,phrasings,answer,tags\n"
    "returns,en,Can I return it?,send it back|refund,Within 30 days.,orders\n"
    "sizes,en,Which size?,size chart|do they run small,Measure your chest.,\n"
)


async def look(client: Client, text: str, **query: Any) -> dict[str, Any]:
    answered = await client.ask("editor", "POST", IMPORT, params={"name": "k.csv", **query}, content=text.encode())
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


async def test_a_file_is_looked_at_first_and_taken_with_the_revision_that_was_seen(client: Client) -> None:
    seen = await look(client, TABLE)
    assert (seen["taken"], seen["added"], seen["changed"], seen["unchanged"]) == (False, 2, 0, 0)
    assert [one["id"] for one in seen["changes"]] == ["returns", "sizes"]
    assert (await client.ask("agent", "GET", ENTRIES)).json()["items"] == []
    taken = await look(client, TABLE, revision=seen["revision"])
    assert (taken["taken"], taken["added"]) == (True, 2)
    again = await look(client, TABLE.replace("30 days", "14 days"))
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 1, 1)
    [change] = again["changes"]
    assert change["before"]["translations"]["en"]["answer"] == "Within 30 days."
    assert change["after"]["translations"]["en"]["answer"] == "Within 14 days."
    history = (await client.ask("agent", "GET", "/api/v1/knowledge/history/returns")).json()["items"]
    assert [(one["change"], one["user"]) for one in history] == [("imported", "editor@shop.example")]


async def test_an_import_is_refused_when_somebody_edited_since_it_was_looked_at(client: Client) -> None:
    seen = await look(client, TABLE)
    text = {"question": "Do you ship?", "answer": "Yes."}
    await client.ask("editor", "POST", ENTRIES, json={"id": "ship", "translations": {"en": text}})
    params = {"name": "k.csv", "revision": seen["revision"]}
    refused = await client.ask("editor", "POST", IMPORT, params=params, content=TABLE.encode())
    assert refused.status_code == 409
    assert [one["id"] for one in (await client.ask("agent", "GET", ENTRIES)).json()["items"]] == ["ship"]


async def test_an_editor_whose_entry_an_import_changed_meanwhile_is_told(client: Client) -> None:
    await look(client, TABLE, revision=(await look(client, TABLE))["revision"])
    mine = (await client.ask("editor", "GET", f"{ENTRIES}/returns")).json()
    changed = TABLE.replace("30 days", "14 days")
    await look(client, changed, revision=(await look(client, changed))["revision"])
    assert (await client.ask("editor", "PUT", f"{ENTRIES}/returns", json=mine)).status_code == 409


async def test_a_file_with_faults_is_refused_with_every_line(client: Client) -> None:
    bad = TABLE.replace(",en,Which", ",de,Which").replace("Within 30 days.", "")
    answered = await client.ask("editor", "POST", IMPORT, params={"name": "k.csv"}, content=bad.encode())
    assert (answered.status_code, answered.headers["content-type"]) == (422, "application/problem+json")
    assert answered.json()["detail"] == "k.csv was not imported: 2 faults."
    assert [one["field"] for one in answered.json()["errors"]] == ["2", "3"]
    picture = (
        TABLE.replace("tags\n", "tags,picture\n")
        .replace("orders\n", "orders,a.png\n")
        .replace("chest.,\n", "chest.,,\n")
    )
    answered = await client.ask("editor", "POST", IMPORT, params={"name": "k.csv"}, content=picture.encode())
    assert "a file that is uploaded comes alone" in answered.json()["errors"][0]["message"]
    other = await client.ask("editor", "POST", IMPORT, params={"name": "k.xlsx"}, content=b"PK")
    assert other.json()["detail"] == "'k.xlsx' is neither .csv nor .yaml nor .json."
    assert (await client.ask("agent", "POST", IMPORT, params={"name": "k.csv"}, content=b"")).status_code == 403


async def test_what_is_exported_changes_nothing_when_it_is_imported_again(client: Client) -> None:
    await look(client, TABLE, revision=(await look(client, TABLE))["revision"])
    for kind in ("csv", "yaml", "json"):
        exported = await client.ask("agent", "GET", "/api/v1/knowledge/export", params={"format": kind})
        assert exported.headers["content-disposition"] == f'attachment; filename="knowledge.{kind}"'
        params = {"name": f"k.{kind}"}
        seen = await client.ask("editor", "POST", IMPORT, params=params, content=exported.content)
        assert (seen.json()["added"], seen.json()["changed"], seen.json()["unchanged"]) == (0, 0, 2)


async def test_findings_say_in_kinds_and_values_what_they_say_in_english(client: Client) -> None:
    text = {"question": "Do you ship?", "answer": "Yes.", "phrasings": ["shipping", "delivery abroad"]}
    await client.ask("editor", "POST", ENTRIES, json={"id": "ship", "translations": {"en": text}})
    await client.ask("editor", "POST", ENTRIES, json={"id": "send", "translations": {"en": text}})
    found = (await client.ask("agent", "GET", "/api/v1/knowledge/check")).json()["items"]
    assert {(one["level"], one["kind"]) for one in found} == {("error", "repeated"), ("warning", "no_translation")}
    first = found[0]
    assert (first["values"], first["sentence"]) == (
        {"text": "Do you ship?", "other": "ship"},
        "'Do you ship?' stands under 'ship' too.",
    )


async def test_coverage_counts_customers_by_the_language_of_their_conversation(
    client: Client, database: Database
) -> None:
    async with database.write() as session:
        await session.execute(insert(Account), [{"channel": "telegram", "name": "main", "created_at": NOW}])
        for number, language in enumerate(("ru", "ru", "en", None), start=1):
            await session.execute(
                insert(Contact), [{"account_id": 1, "external_id": str(number), "name": "", "created_at": NOW}]
            )
            conversation = {
                "account_id": 1,
                "contact_id": number,
                "thread": str(number),
                "language": language,
                "created_at": NOW,
                "last_message_at": NOW,
                "last_customer_at": NOW,
            }
            await session.execute(insert(Conversation), [conversation])
    found = (await client.ask("agent", "GET", "/api/v1/knowledge/coverage")).json()
    assert found["customers"] == {"ru": 2, "en": 1}
    assert found["languages"] == ["en", "ru", "uk", "ms", "zh-Hant"]
