"""Makes Rasa's own environment in `.cache/rasa/venv`: a program for `make rasa`, in whatever Python runs it.

It looks for Python 3.10 in PYTHON310, on the PATH and among pyenv's versions.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_ENVIRONMENT = _HERE.parent.parent / ".cache" / "rasa" / "venv"
_PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")


def main() -> None:
    python = next(_usable_pythons(), None)
    if python is None:
        sys.exit(
            "Rasa 3.6 needs Python 3.10 and there is none here: neither in PYTHON310, nor on the PATH, nor in "
            "~/.pyenv/versions. Install it (for example `pyenv install 3.10`) or set PYTHON310 to its path."
        )
    sys.stdout.write(f"Installing Rasa's environment with {python} (a few minutes, once) …\n")
    sys.stdout.flush()
    shutil.rmtree(_ENVIRONMENT, ignore_errors=True)
    subprocess.run([python, "-m", "venv", str(_ENVIRONMENT)], check=True)
    inside = str(_ENVIRONMENT / "bin" / "python")
    requirements = str(_HERE / "requirements.txt")
    # Two packages come as sources without saying what builds them.
    subprocess.run([inside, *_PIP, "setuptools==69.5.1", "wheel==0.43.0"], check=True)
    subprocess.run([inside, *_PIP, "--no-deps", "-r", requirements], check=True)
    subprocess.run([inside, "-I", "-c", "import rasa.version"], check=True)
    (_ENVIRONMENT / ".installed").touch()


def _usable_pythons() -> Iterator[str]:
    candidates = [os.environ.get("PYTHON310"), shutil.which("python3.10")]
    candidates += sorted(map(str, (Path.home() / ".pyenv" / "versions").glob("3.10*/bin/python3.10")))
    told = "import sys; print(sys.version_info[:2] == (3, 10))"
    for candidate in candidates:
        if candidate and Path(candidate).exists():
            found = subprocess.run([candidate, "-c", told], capture_output=True, text=True, check=False)
            if found.stdout.strip() == "True":
                yield candidate


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"Rasa's environment could not be installed: {' '.join(map(str, error.cmd[:6]))} … failed.")
