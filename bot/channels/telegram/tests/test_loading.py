"""aiogram costs seconds and 125 MB: discovering the channels must not load it."""

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
