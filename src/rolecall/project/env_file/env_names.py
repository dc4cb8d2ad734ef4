"""Names that `.env` may not set, and why: each steers the shell, a program's start, direnv or rolecall.

So `.env` can add to an environment and change nothing else of it. Where requests go (an endpoint, a proxy,
certificates) it may say: it is the person's own file, and one that came with git is not read. Must not read
`.env`, or import more than a `cd` can wait for.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.system.text.secret import Secret

SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
KEYS = ("AWS_ACCESS_KEY_ID", *SECRETS)
IDENTITY = (*KEYS, "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
KEYRING = "ROLECALL_KEYRING"  # the name of the OS keyring's entry that holds the keys

# bash(1), "Shell Variables", and zshparam(1), "Parameters set by the shell" and "used by the shell".
SHELLS = """
    BASH BASHOPTS BASHPID SHELLOPTS EUID UID PPID GID EGID IFS PATH HOME PWD OLDPWD SHLVL ENV CDPATH
    GLOBIGNORE EXECIGNORE FUNCNEST POSIXLY_CORRECT TMOUT INPUTRC HOSTFILE OPTIND OPTERR EPOCHSECONDS
    EPOCHREALTIME LINENO histchars HISTCHARS HISTCMD MAIL MAILPATH COMP_WORDBREAKS PROMPT_COMMAND
    PROMPT_DIRTRIM PROMPT_EOL_MARK PS0 PS1 PS2 PS3 PS4 PROMPT PROMPT2 PROMPT3 PROMPT4 RPROMPT RPROMPT2
    RPS1 RPS2 SPROMPT POSTEDIT prompt ARGC TTYIDLE ZDOTDIR USERNAME FPATH FIGNORE MODULE_PATH NULLCMD
    READNULLCMD PSVAR WATCH WATCHFMT TRY_BLOCK_ERROR TRY_BLOCK_INTERRUPT argv cdpath fignore fpath
    mailpath manpath module_path path pipestatus psvar status watch zsh_eval_context
    zsh_scheduled_events aliases builtins commands dirstack dis_aliases dis_builtins dis_functions
    dis_functions_source dis_galiases dis_patchars dis_reswords dis_saliases errnos epochtime
    funcfiletrace funcsourcetrace funcstack functions functions_source functrace galiases history
    historywords jobdirs jobstates jobtexts keymaps langinfo mapfile modules nameddirs options
    parameters patchars reswords saliases sysparams termcap terminfo userdirs usergroups widgets
"""
LOADER = "GCONV_PATH LOCPATH NLSPATH GLIBC_TUNABLES GETCONF_DIR OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES"
OURS = "AWS_ACCOUNT_ID AWS_CREDENTIAL_EXPIRATION"
STEERS = {  # why: names, and how names begin
    "it steers the shell": (SHELLS, ("BASH_", "ZSH_", "fish_", "FISH_")),
    "it steers what a program loads": (LOADER, ("LD_", "DYLD_")),
    "it steers Python": ("__PYVENV_LAUNCHER__", ("PYTHON",)),
    "it steers git": ("", ("GIT_",)),
    "it steers direnv": ("direnv", ("DIRENV_", "XDG_")),
    "it is rolecall's own": (OURS, ("_rolecall", "ROLECALL_")),
}
# What older SDKs and other programs call the keys.
ALIASES = {
    "AWS_ACCESS_KEY": "AWS_ACCESS_KEY_ID",
    "AWS_KEY_ID": "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_KEY": "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET": "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN": "AWS_SESSION_TOKEN",
    "AWS_TOKEN": "AWS_SESSION_TOKEN",
}
NEAR = 0.94  # a letter more, less or swapped is 0.95 and above; AWS_S3_ACCESS_KEY_ID, an app's own name, 0.92
KEY_ID_LENGTH, LEAST_SECRET = 20, 16
MOST_BYTES = 128 * 1024 - 2  # execve(2): MAX_ARG_STRLEN, with the equals sign and the end


def refused(values: "Mapping[str, str]", secrets: "Mapping[str, Secret] | None" = None) -> dict[str, str]:
    """Return the names in `values` that no shell gets, each with why; the identity's are not among them.

    `secrets` are the identity's: a value that holds one is refused, whatever its name.
    """
    table = [(why, frozenset(names.split()), start) for why, (names, start) in STEERS.items()]
    found = {name: _steers(name, table) for name in values if not is_identity(name)}
    found = {name: why or _why(name, values[name], secrets or {}) for name, why in found.items()}
    return {name: why for name, why in found.items() if why}


def is_identity(name: str) -> bool:
    """Return whether `name` says who assumes: it never reaches a shell."""
    return name in IDENTITY or name == KEYRING


def lines(refusals: "Mapping[str, str]") -> list[str]:
    """Return one line for people for each reason."""
    by_reason: dict[str, list[str]] = {}
    for name, why in refusals.items():
        by_reason.setdefault(why, []).append(name if name.isprintable() else ascii(name))
    return [_line(names, why) for why, names in by_reason.items()]


def _line(names: list[str], why: str) -> str:
    if len(names) == 1:
        return f"{names[0]} in .env is not set: {why}"
    return f"{', '.join(names)} in .env are not set: {why.replace('it ', 'each ', 1)}"


def _steers(name: str, table: "list[tuple[str, frozenset[str], tuple[str, ...]]]") -> str:
    return next((why for why, names, start in table if name in names or name.startswith(start)), "")


def _why(name: str, value: str, secrets: "Mapping[str, Secret]") -> str:
    if not (name.isascii() and name.isidentifier()):
        return "a shell cannot have a variable of that name"
    if near := _nearly(name):
        return f"it is nearly {near}"
    if _is_long_lived(value) or any(_is_in(secret, value) for secret in secrets.values()):
        return "it holds a long-lived key"
    if len(name) + len(value.encode(errors="surrogateescape")) > MOST_BYTES:
        return "it is too long for an environment"
    return ""


def _nearly(name: str) -> str:
    """Return the name of the identity that `name` was probably meant to be; nothing where it is another."""
    upper = name.upper()
    if upper in IDENTITY:
        return upper  # aws_secret_access_key, as in ~/.aws/credentials
    if upper in ALIASES:
        return ALIASES[upper]
    held = [one for one in KEYS if upper.startswith((f"{one}_", f"OLD_{one}"))]
    alike = [one for one in IDENTITY if upper[:4] == one[:4] or upper[-4:] == one[-4:]]
    if held or not alike:
        return (held or [""])[0]
    import difflib

    return (difflib.get_close_matches(upper, alike, n=1, cutoff=NEAR) or [""])[0]


def _is_in(secret: "Secret", value: str) -> bool:
    return len(secret.reveal()) >= LEAST_SECRET and secret.reveal() in value


def _is_long_lived(value: str) -> bool:
    return len(value) == KEY_ID_LENGTH and value.startswith("AKIA") and value.isalnum() and value.isupper()
