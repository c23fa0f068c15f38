"""What the bot could not answer becomes an entry: kept, grouped, drafted with the agent's reply, answered from then on."""

from tests.nlu.unanswered.conftest import UNANSWERED, Room

GIFT = "do you wrap gifts"
REPLY = "Yes, gift wrapping is free: tick the box in the basket."


async def test_questions_of_one_meaning_become_an_entry_with_the_agents_own_reply(room: Room) -> None:
    _, first = await room.says("Olha", GIFT)
    await room.says("Ben", "do you wrap gifts please")
    await room.says("Lin", "where did the cat go")
    await room.reply(first, REPLY)

    board = await room.board()
    assert (board["questions"], board["customers"], board["behind"]) == (3, 3, 0)
    [group] = board["groups"]
    assert {one["text"] for one in group["questions"]} == {GIFT, "do you wrap gifts please"}
    assert (group["customers"], group["languages"]) == (2, {"en": 2})
    assert [one["text"] for one in group["replies"]] == [REPLY]
    assert [one["text"] for one in board["single"]] == ["where did the cat go"]

    new = {"questions": group["ids"], "reply": group["replies"][0]["id"]}
    draft = await room.ask("POST", f"{UNANSWERED}/draft", status=201, json=new)
    text = draft["translations"]["en"]
    assert (draft["status"], text["answer"]) == ("draft", REPLY)
    assert {text["question"], *text["phrasings"]} == {GIFT, "do you wrap gifts please"}
    made = (await room.board())["made"]
    assert [(one["status"], one["questions"], one["answered"]) for one in made] == [("draft", 2, None)]

    published = {**draft, "status": "published"}
    await room.ask("PUT", f"/knowledge/entries/{draft['id']}", json=published)

    async def answered() -> bool:
        [one] = (await room.board())["made"]
        return (one["status"], one["questions"], one["answered"]) == ("published", 2, 2)

    await room.house.until(answered)
    customer, _ = await room.says("Mia", GIFT)
    assert customer.screen.texts()[-1] == REPLY


async def test_what_is_for_people_and_what_is_small_talk_is_not_kept(room: Room) -> None:
    await room.says("Olha", "hello")
    await room.says("Ben", "ask opening")
    await room.says("Lin", "!!!")
    await room.says("Mia", "+60 12-345 6789")
    board = await room.board()
    assert (board["questions"], board["groups"], board["single"]) == (0, [], [])


async def test_asking_back_counts_only_when_no_answer_follows(room: Room) -> None:
    await room.says("Olha", "which opening or opening")
    assert [one["miss"] for one in (await room.board())["single"]] == ["clarified"]
    await room.says("Olha", "ask opening")
    assert (await room.board())["questions"] == 0
    await room.says("Ben", "which opening or opening")
    await room.says("Ben", "none of these")
    board = await room.board()
    assert [(one["text"], one["miss"]) for one in board["single"]] == [("which opening or opening", "clarified")]


async def test_an_answer_that_an_agent_marks_as_wrong_brings_its_question_in(room: Room) -> None:
    _, conversation = await room.says("Olha", "ask opening")
    message = await room.last_of_bot(conversation)
    path = f"/conversations/{conversation}/messages/{message}/wrong"
    await room.ask("PUT", path, role="agent", json={})
    await room.ask("PUT", path, role="agent", json={})
    assert await room.ask("GET", f"/conversations/{conversation}/wrong-answers", role="agent") == {
        "messages": [message]
    }
    assert [(one["text"], one["miss"]) for one in (await room.board())["single"]] == [("ask opening", "wrong_answer")]
    await room.ask("DELETE", path, role="agent", status=204)
    assert (await room.board())["questions"] == 0
    await room.ask("DELETE", path, role="agent", status=404)


async def test_only_an_answer_of_the_bot_can_be_marked(room: Room) -> None:
    _, conversation = await room.says("Olha", "hello")
    message = await room.last_of_bot(conversation)
    await room.ask("PUT", f"/conversations/{conversation}/messages/{message}/wrong", status=422, json={})
    await room.ask("PUT", f"/conversations/{conversation}/messages/999/wrong", status=404, json={})


async def test_two_editors_cannot_make_two_drafts_of_one_group(room: Room) -> None:
    await room.says("Olha", GIFT)
    await room.says("Ben", GIFT)
    [group] = (await room.board())["groups"]
    await room.ask("POST", f"{UNANSWERED}/draft", status=201, json={"questions": group["ids"]})
    await room.ask("POST", f"{UNANSWERED}/draft", status=409, json={"questions": group["ids"]})
    await room.ask("POST", f"{UNANSWERED}/draft", status=422, json={"questions": []})
    assert len((await room.board())["made"]) == 1


async def test_a_reply_to_something_else_cannot_become_the_answer(room: Room) -> None:
    _, conversation = await room.says("Olha", GIFT)
    await room.says("Ben", "where did the cat go")
    await room.reply(conversation, REPLY)
    singles = {one["text"]: one["id"] for one in (await room.board())["single"]}
    new = {"questions": [singles["where did the cat go"]], "reply": 1}
    await room.ask("POST", f"{UNANSWERED}/draft", status=404, json=new)


async def test_questions_set_aside_are_gone_until_they_are_taken_back(room: Room) -> None:
    await room.says("Olha", GIFT)
    [one] = (await room.board())["single"]
    await room.ask("POST", f"{UNANSWERED}/aside", status=204, json={"questions": [one["id"]]})
    assert (await room.board())["questions"] == 0
    await room.ask("POST", f"{UNANSWERED}/aside", status=204, json={"questions": [one["id"]], "aside": False})
    assert (await room.board())["questions"] == 1


async def test_an_agent_reads_and_does_not_make_entries(room: Room) -> None:
    await room.says("Olha", GIFT)
    [one] = (await room.board())["single"]
    await room.ask("GET", UNANSWERED, role="agent")
    for what in ("draft", "aside"):
        path = f"{UNANSWERED}/{what}"
        await room.ask("POST", path, role="agent", status=403, json={"questions": [one["id"]]})
