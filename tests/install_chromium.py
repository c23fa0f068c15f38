"""`make setup-test` calls this where Chromium is missing: the browser tests need the system's own."""

import os
import shutil
import subprocess
import sys

INSTALL = (("apt-get", "update", "-qq"), ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"))
SENTENCE = "The browser tests need Chromium at /usr/bin/chromium: install the package `chromium` of your system."


def main() -> int:
    """0 when Chromium is there afterwards; else one plain sentence and 1."""
    allowed = _privilege()
    if shutil.which("apt-get") is not None and allowed is not None:
        for command in INSTALL:
            subprocess.run([*allowed, *command], check=False)
    if os.access("/usr/bin/chromium", os.X_OK):
        return 0
    sys.stderr.write(SENTENCE + "\n")
    return 1


def _privilege() -> tuple[str, ...] | None:
    """What to put before a command so that it may install packages; None when we may not."""
    if os.geteuid() == 0:
        return ()
    asked = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True)
    return ("sudo", "-n") if asked and asked.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())
