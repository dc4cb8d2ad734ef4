"""The commands of hints that differ from machine to machine, or with where the identity's keys are."""

import os
import sys

CREDENTIALS_FILE = '${EDITOR:-vi} "${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}"'
ASK = "invoke setup --ask"


def of(label: str) -> dict[str, str]:
    """Return the command for each name that a row's hint may have; `label` is the identity's own."""
    return {
        "replace": _replace(label),
        "untoken": _untoken(label),
        "set_clock": set_clock(sys.platform, os.uname().release),
    }


def set_clock(platform: str, release: str) -> str:
    """Return the command that sets this machine's clock by the network's."""
    if platform == "darwin":
        return "sudo sntp -sS time.apple.com"
    return "sudo hwclock -s" if "microsoft" in release.lower() else "sudo timedatectl set-ntp true"


def _replace(label: str) -> str:
    """Return the command with which other keys take the place of the identity's."""
    if label.startswith("profile "):
        return CREDENTIALS_FILE
    if label.endswith(" in the environment"):
        return "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
    return ASK


def _untoken(label: str) -> str:
    if label.startswith("profile "):
        return CREDENTIALS_FILE
    if label.endswith(" in the environment"):
        return "unset AWS_SESSION_TOKEN"
    return "${EDITOR:-vi} .env" if label.endswith(".env") else ASK
