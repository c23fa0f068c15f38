"""Files that agents send: kinds, limits, and that nothing of them runs in the desk's own origin."""

import io
import zipfile

import pytest

from core.roles import Role
from handoff.uploads import LARGEST_FILE
from tests.handoff.conftest import Desk

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
PDF = b"%PDF-1.7\n1 0 obj\n"
API = "/api/v1/conversations"


def packed() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind", "media_type"),
    [
        ("map.png", PNG, "picture", "image/png"),
        ("cat.gif", b"GIF89a" + b"\x00" * 9, "picture", "image/gif"),
        ("cat.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "picture", "image/webp"),
        ("bill.pdf", PDF, "document", "application/pdf"),
        ("offer.docx", packed(), "document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("list.csv", "Größe,Preis\n".encode(), "document", "text/csv"),
        ("voice.ogg", b"OggS\x00\x02", "audio", "audio/ogg"),
        ("film.mp4", b"\x00\x00\x00\x18ftypisom", "video", "video/mp4"),
    ],
)
async def test_files_of_many_kinds_are_taken_by_their_bytes(
    desk: Desk, name: str, content: bytes, kind: str, media_type: str
) -> None:
    agent = await desk.person(Role.AGENT)
    stored = await agent.http.post("/api/v1/files", params={"name": name}, content=content)
    assert stored.status_code == 201
    assert (stored.json()["kind"], stored.json()["media_type"]) == (kind, media_type)
    one = await desk.conversation()
    sent = await agent.http.post(f"{API}/{one}/messages", json={"files": [stored.json()["file"]]})
    assert [attachment["name"] for attachment in sent.json()["attachments"]] == [name]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("page.html", b"<script>alert(1)</script>", "cannot be sent"),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "cannot be sent"),
        ("setup.exe", b"MZ\x90\x00", "cannot be sent"),
        ("secret.txt", b"\x00\x01", "cannot be sent"),
        ("letter.txt", b"\xff\xfe", "cannot be sent"),
        ("archive.jar", packed(), "cannot be sent"),
        ("nothing.pdf", b"", "is empty"),
        ("long.pdf", PDF + b"x" * LARGEST_FILE, "are the most"),
    ],
)
async def test_what_cannot_be_sent_is_refused_in_one_sentence(desk: Desk, name: str, content: bytes, says: str) -> None:
    agent = await desk.person(Role.AGENT)
    refused = await agent.http.post("/api/v1/files", params={"name": name}, content=content)
    assert refused.status_code == 422
    assert says in refused.json()["detail"]


async def test_a_document_is_a_download_and_a_picture_is_shown(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    text = b"<script>alert(1)</script>"
    for name, content, shown in (("page.txt", text, False), ("bill.pdf", PDF, False), ("map.png", PNG, True)):
        stored = (await agent.http.post("/api/v1/files", params={"name": name}, content=content)).json()
        answer = await agent.http.get(f"/api/v1/files/{stored['file']}")
        assert answer.content == content
        assert answer.headers["content-disposition"].startswith("inline" if shown else "attachment")
        assert answer.headers["content-type"] == ("image/png" if shown else "application/octet-stream")
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_file_that_was_never_stored_cannot_be_sent(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    one = await desk.conversation()
    refused = await agent.http.post(f"{API}/{one}/messages", json={"files": ["0" * 64]})
    assert (refused.status_code, refused.json()["detail"]) == (422, "files: one of them is not stored.")
    assert (await agent.http.post(f"{API}/{one}/messages", json={"files": []})).status_code == 422
