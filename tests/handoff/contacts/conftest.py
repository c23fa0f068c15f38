"""A customer of whom every table holds something, told apart by words that stand nowhere else."""

from dataclasses import dataclass
from datetime import timedelta

from bot.models import Delivery, DeliveryState, InboxItem, InboxState
from core.messages import Attachment, AttachmentKind, Author, EventKind, MessageState, Purpose
from core.models import Contact, Conversation, Event, Message, StoredFile
from handoff.automations.models import Automation, AutomationRun
from handoff.models import Case, ContactField, ContactNote, ConversationTag, Draft, ReadMark
from handoff.ratings.models import RatingAsk, RatingOptOut
from handoff.webhooks.models import Webhook, WebhookCall
from nlu.models import Miss, UnansweredQuestion
from tests.handoff.conftest import Desk, Person, customer_message

CANARY = "zanzibar"
"""In every word that tells who he is or what he said."""
DIGEST = "cd" * 32


@dataclass(frozen=True)
class Known:
    contact_id: int
    conversation_id: int
    message_id: int


async def know_everything(desk: Desk, agent: Person, *, thread: str = f"{CANARY}-chat-77") -> Known:
    """A row of his in every table that can hold one, each with the canary in it."""
    conversation_id = await desk.conversation(thread=thread, texts=(f"I am {CANARY}", f"Where is my {CANARY} parcel?"))
    at = desk.clock()
    async with desk.database.write() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        contact = await session.get_one(Contact, conversation.contact_id)
        contact.name, contact.handle, contact.timezone = f"Olha {CANARY}", f"{CANARY}_handle", "Europe/Kyiv"
        session.add(
            StoredFile(
                digest=DIGEST, media_type="image/png", name=f"{CANARY}.png", content=CANARY.encode(), created_at=at
            )
        )
        picture = Attachment(kind=AttachmentKind.PICTURE, name=f"{CANARY}.png", stored=DIGEST, reference=CANARY)
        session.add(
            customer_message(
                conversation,
                CANARY,
                at=at,
                attachments=[picture.to_json()],
                external_id=f"{CANARY}:5",
                edits=[{"text": f"{CANARY}!", "until": at.isoformat()}],
                press=CANARY,
                group_key=CANARY,
                reply_to=f"{CANARY}:4",
            )
        )
        answer = Message(
            conversation_id=conversation_id,
            account_id=conversation.account_id,
            author=Author.AGENT,
            purpose=Purpose.REPLY,
            text=f"Dear {CANARY}",
            at=at,
            created_at=at,
            state=MessageState.PENDING,
            external_id=f"{CANARY}:6",
            error=f"chat {CANARY} not found",
        )
        case = Case(conversation_id=conversation_id, opened_at=at, reason="not_understood", question=f"{CANARY}?")
        rule = Automation(name="Rule", trigger={}, actions=[], created_at=at)
        hook = Webhook(name="Shop", url="https://shop.example.com", secret=b"x", created_at=at)
        session.add_all([answer, case, rule, hook])
        await session.flush()
        session.add_all(
            [
                Delivery(
                    message_id=answer.id,
                    account_id=conversation.account_id,
                    position=0,
                    key="key",
                    content={"text": f"Dear {CANARY}"},
                    state=DeliveryState.PENDING,
                    external_id=f"{CANARY}:6",
                    error=CANARY,
                ),
                *_items(conversation),
                Event(
                    conversation_id=conversation_id,
                    kind=EventKind.RATING,
                    at=at,
                    details={"about": "human", "score": 4, "comment": CANARY},
                ),
                Draft(user_id=agent.actor.id, conversation_id=conversation_id, text=CANARY, updated_at=at),
                ReadMark(user_id=agent.actor.id, conversation_id=conversation_id, read_at=at),
                ConversationTag(conversation_id=conversation_id, tag=CANARY),
                ContactField(contact_id=contact.id, name="Order", value=CANARY),
                ContactNote(contact_id=contact.id, user_id=agent.actor.id, text=f"His name is {CANARY}", at=at),
                RatingAsk(conversation_id=conversation_id, kind="case", case_id=case.id, contact_id=contact.id, asked_at=at),
                RatingOptOut(contact_id=contact.id, at=at),
                AutomationRun(
                    automation_id=rule.id, occurrence=f"case:{case.id}", conversation_id=conversation_id, at=at, outcome="Done."
                ),
                WebhookCall(
                    webhook_id=hook.id,
                    body={"conversation": {"id": conversation_id, "text": CANARY}},
                    next_attempt_at=at + timedelta(minutes=1),
                    created_at=at,
                ),
                UnansweredQuestion(
                    conversation_id=conversation_id, at=at, text=f"{CANARY}?", language="en", miss=Miss.NOT_UNDERSTOOD
                ),
            ]
        )  # fmt: skip
    return Known(contact_id=contact.id, conversation_id=conversation_id, message_id=answer.id)


def _items(conversation: Conversation) -> list[InboxItem]:
    """A handled one of his thread, and a dead letter that only names him."""
    account_id, at = conversation.account_id, conversation.created_at
    return [
        InboxItem(
            account_id=account_id,
            dedup_key=f"{conversation.thread}:5",
            thread=conversation.thread,
            received_at=at,
            body=f'{{"text": "{CANARY}"}}',
            state=InboxState.DONE,
        ),
        InboxItem(
            account_id=account_id,
            dedup_key="update-9",
            received_at=at,
            body=f'{{"odd": {{"from": ["{conversation.thread}"], "text": "{CANARY}"}}}}',
            state=InboxState.DEAD,
            error=f"Nobody can read {CANARY}.",
        ),
    ]
