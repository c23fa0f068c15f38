"""aiogram costs a second and 45 MB, and three times that if all its types are built: neither is paid for nothing."""

import subprocess
import sys


def test_discovering_and_parsing_load_no_aiogram() -> None:
    program = (
        "import sys; from bot.registry import discover; kind = discover()['telegram'];"
        "kind.parse({'update_id': 1, 'poll': {}});"
        "print(*(name for name in sys.modules if name.partition('.')[0] in ('aiogram', 'aiohttp')))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "\n", "")


def test_the_adapter_is_loaded_with_types_that_are_completed_when_they_are_used() -> None:
    program = (
        "from bot.channels.telegram.loading import load_adapter; load_adapter();"
        "from aiogram.types import Update, InlineKeyboardButton as Button, InlineKeyboardMarkup as Markup;"
        "from aiogram.methods import SendMessage;"
        "print(Update.__pydantic_complete__);"
        "message = {'message_id': 1, 'date': 1, 'chat': {'id': 1, 'type': 'private'}, 'text': 'hello'};"
        "print(Update.model_validate({'update_id': 1, 'message': message}).message.text);"
        "keyboard = Markup(inline_keyboard=[[Button(text='a', callback_data='b')]]);"
        "print(SendMessage(chat_id=1, text='hi', reply_markup=keyboard).reply_markup.inline_keyboard[0][0].text)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.split(), ran.stderr) == (0, ["False", "hello", "a"], "")
