"""Shells that rolecall writes nothing for: the person adds a line, and the step only says which."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rolecall.system.disk import paths
from rolecall.workstation.shells.dialects import text_of
from rolecall.workstation.steps.step import Context, Finding, State, Step

NEVER_RENEWS = "an open shell does not renew its role by itself there"
RENEW = "direnv reload"


@dataclass(frozen=True, slots=True)
class ByHand:
    """The line to add, and the file for it, below ~/.config or ~/."""

    line: str
    file: str

    def path(self, environ: Mapping[str, str]) -> Path:
        """Return the file that the person adds the line to."""
        if self.file.startswith("~/"):
            return paths.home(environ=environ) / self.file.removeprefix("~/")
        return paths.xdg("XDG_CONFIG_HOME", ".config", environ=environ) / self.file


SHELLS = {
    "elvish": ByHand(
        # direnv 2.32 writes `except`, which elvish 0.19 takes for a mistake; it wants `catch`.
        "use direnv  # after: mkdir -p ~/.config/elvish/lib; direnv hook elvish | sed s/except/catch/"
        " > ~/.config/elvish/lib/direnv.elv",
        "elvish/rc.elv",
    ),
    "nu": ByHand(
        "$env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt | append {|| direnv export json"
        " | from json | default {} | load-env; $env.PATH = ($env.PATH | split row (char esep)) })",
        "nushell/config.nu",
    ),
    "pwsh": ByHand('Invoke-Expression "$(direnv hook pwsh)"', "powershell/Microsoft.PowerShell_profile.ps1"),
    "murex": ByHand("direnv hook murex -> source", "~/.murex_profile"),
    "xonsh": ByHand("xontrib load direnv  # after: pip install xonsh-direnv", "~/.xonshrc"),
}


def step(name: str) -> Step:
    """Return the step of shell `name`. It never stops a setup."""
    known = SHELLS.get(name)

    def check(context: Context) -> Finding:
        if known is None:
            return Finding(
                State.DONE,
                f"rolecall does not know {name}; if direnv has a hook for it,"
                " add that: https://direnv.net/docs/hook.html",
            )
        path = known.path(context.environ)
        shown = paths.short(path, environ=context.environ)
        if "direnv" in text_of(path):
            return Finding(State.DONE, f"set up by hand in {shown}; {NEVER_RENEWS} (try: {RENEW})")
        return Finding(State.UNKNOWN, f"add to {shown} yourself: {known.line} ({NEVER_RENEWS})")

    return Step(
        name=f"shell-{name}",
        reason=f"so that `cd` loads the role in {name}",
        hint=known.line if known else "",
        check=check,
        apply=lambda _: None,
        undo=lambda _context, _record: "",
        optional=True,
    )
