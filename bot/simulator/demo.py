"""The credentials of the demo accounts. They open nothing but the simulator, and are printed on purpose."""

from collections.abc import Mapping, Sequence
from typing import Final

DEMO_TELEGRAM_TOKEN: Final = "100000001:demo-telegram-token-not-secret"  # noqa: S105 - opens the simulator only
DEMO_PAGE_ID: Final = "1000000000001"
DEMO_PAGE_TOKEN: Final = "demo-page-token"  # noqa: S105 - opens the simulator only
DEMO_APP_SECRET: Final = "demo-app-secret"  # noqa: S105 - opens the simulator only
DEMO_VERIFY_TOKEN: Final = "demo-verify-token"  # noqa: S105 - opens the simulator only
DEMO_APP_ID: Final = "2000000000001"
PAGE_INBOX_APP_ID: Final = "263902037430900"
#: Suggested first questions by the language of the customer's phone.
DEMO_QUESTIONS: Final[Mapping[str, Sequence[str]]] = {
    "en": ("What are your opening hours?", "How much is delivery?", "I want to talk to a person"),
    "ru": ("Когда вы работаете?", "Сколько стоит доставка?", "Хочу поговорить с человеком"),
    "uk": ("Коли ви працюєте?", "Як повернути товар?", "Хочу поговорити з людиною"),
    "ms": ("Bila waktu operasi anda?", "Berapa kos penghantaran?", "Saya mahu bercakap dengan seseorang"),
    "zh-Hant": ("請問營業時間？", "運費多少？", "我想跟真人客服說話"),
}
