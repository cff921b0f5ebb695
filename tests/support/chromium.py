"""Find a Chromium and a font for Chinese, or install them, or say what to do.

``python -m tests.support.chromium`` prints the path of the browser.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGES = ("chromium", "fonts-noto-cjk", "fonts-noto-color-emoji")


def find() -> str | None:
    """Return the path of a Chromium: of ``CHROMIUM``, on the PATH, or Playwright's own."""
    if path := os.environ.get("CHROMIUM"):
        return path
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def reads_chinese() -> bool:
    """Tell whether a font has Chinese characters; where fontconfig cannot be asked, the system is believed to."""
    if shutil.which("fc-list") is None:
        return sys.platform != "linux"
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip())


def install() -> None:
    """Install both by apt-get as root, else the browser by Playwright."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *PACKAGES]):
            subprocess.run(command, stdout=sys.stderr, stdin=subprocess.DEVNULL, check=False)
    if find() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], stdout=sys.stderr, check=False)


def main() -> None:
    if find() is None or not reads_chinese():
        install()
    path = find()
    if path is None:
        sys.exit("The browser tests need Chromium: install the package chromium, or set CHROMIUM to its path.")
    if not reads_chinese():
        print("The test of printing needs a font with Chinese characters, such as fonts-noto-cjk.", file=sys.stderr)
    print(path)


if __name__ == "__main__":
    main()
