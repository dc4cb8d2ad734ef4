"""The programs: the minimum version of each, its package names, its published files and their digests.

Every digest here was published by others; a file without a published digest is not listed.
"""

from collections.abc import Mapping

from rolecall.workstation.programs.tool import Pin, Tool

EVERYWHERE = ("apt", "dnf", "pacman", "zypper", "apk", "brew", "nix")
DIRENV_URL = "https://github.com/direnv/direnv/releases/download/v2.37.1/direnv."
JQ_URL = "https://github.com/jqlang/jq/releases/download/jq-1.7.1/jq-"
AWS_URL = "https://awscli.amazonaws.com/awscli-exe-linux-"
PLUGIN_URL = "https://s3.amazonaws.com/session-manager-downloads/plugin/1.2.835.0/"


def published(
    url: str, files: Mapping[str, tuple[str, str]], *, kind: str = "binary", is_glibc: bool = False
) -> dict[str, Pin]:
    """Return a pin for each of `files` below `url`."""
    return {name: Pin(url + rest, sha256, kind, is_glibc) for name, (rest, sha256) in files.items()}


def everywhere(package: str) -> dict[str, str]:
    """Return package names for a program that every manager calls `package`."""
    return dict.fromkeys(EVERYWHERE, package)


# kind of machine -> the rest of the URL, and the digest that was published: in cashapp/hermit-packages
# (direnv), in sha256sum.txt of jqlang as packagers quote it (jq), in zulip (AWS CLI), and in the pins of
# several images (session-manager-plugin)
DIRENV_FILES = {
    "linux-x86_64": ("linux-amd64", "1f1b93dd6f38523fde26dfac96151ef9d31a374e3005cd3345fb93555ae0c9b5"),
    "linux-arm64": ("linux-arm64", "2a9cef8d73521d6a3ec3f2871c4b747b8c4cc038628c1b57a7efa42b393a2d82"),
    "darwin-x86_64": ("darwin-amd64", "24fb9ce48b563d7e9fbdd3a4e3e836941654a31ce3e67eba9eaafc3dcd8ae73b"),
    "darwin-arm64": ("darwin-arm64", "4f569f3a36732bfd8b8fea7bfcc6ad87a59745c109022164d0ca4832451d5369"),
}
AWS_FILES = {
    "linux-x86_64": ("x86_64-2.23.6.zip", "8d26ffa2e9427804a9f8928c692ee83e1c88456e0519a69e63bc992caf2b2339"),
    "linux-arm64": ("aarch64-2.23.6.zip", "9c2b05dfc370cc99ec47ad374be52b828cd77d14702b2edae071d73224aacd6e"),
}
JQ_FILES = {
    "linux-x86_64": ("linux-amd64", "5942c9b0934e510ee61eb3e30273f1b3fe2590df93933a93d7c58b81d19c8ff5"),
    "linux-arm64": ("linux-arm64", "4dd2d8a0661df0b22f1bb9a1f9830f06b6f3b8f7d91211a1ef5d7c4f06a8b4a5"),
    "darwin-x86_64": ("macos-amd64", "4155822bbf5ea90f5c79cf254665975eb4274d426d0709770c21774de5407443"),
    "darwin-arm64": ("macos-arm64", "0bbe619e663e0de2c550be2fe0d240d076799d6f8a652b70fa04aea8a8362e8a"),
}
PLUGIN_FILES = {
    "linux-x86_64": (
        "ubuntu_64bit/session-manager-plugin.deb",
        "7c6dcad12518571cc7959a713e6a8ae1bdf6ed66fd9bee37dc189e39ca58ae03",
    ),
    "linux-arm64": (
        "ubuntu_arm64/session-manager-plugin.deb",
        "0add94c4c8b6ca63f26e44fd655d662b0f6455a268b5b9ebebee0f462214e928",
    ),
}

GIT = Tool("git", "for the project itself", (2, 17), everywhere("git"), by_hand="install git", is_kept=True)
BASH = Tool(
    "bash",
    "because direnv runs .envrc in it",
    (3, 2),
    everywhere("bash"),
    version=r"version (\d+(?:\.\d+)+)",
    by_hand="install bash",
    is_kept=True,
)
DIRENV = Tool(
    "direnv",
    "because it loads the role on `cd`",
    (2, 32),
    everywhere("direnv"),
    pinned_version="2.37.1",
    pins=published(DIRENV_URL, DIRENV_FILES),
    by_hand="conda-forge has it, too (pixi global install direnv), or see "
    "https://direnv.net/docs/installation.html",
    without_root={
        "apt": '(cd "$(mktemp -d)" && apt-get download direnv && dpkg -x direnv_*.deb . '
        "&& install -D usr/bin/direnv ~/.local/bin/direnv)"
    },
)
AWS = Tool(
    "aws",
    "for `invoke debug` and your own commands",
    (2, 9),
    {
        "apt": "awscli",
        "dnf": "awscli2",
        "pacman": "aws-cli-v2",
        "apk": "aws-cli",
        "brew": "awscli",
        "nix": "awscli2",
    },  # zypper's aws-cli is version 1
    version=r"aws-cli/(\d+(?:\.\d+)+)",
    pinned_version="2.23.6",
    pins=published(AWS_URL, AWS_FILES, kind="aws-zip", is_glibc=True),
    by_hand="see https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
)
JQ = Tool(
    "jq",
    "because roles.toml or --tool asks for it",
    (1, 6),
    everywhere("jq"),
    pinned_version="1.7.1",
    pins=published(JQ_URL, JQ_FILES),
    by_hand="see https://jqlang.org/download",
)
PLUGIN = Tool(
    "session-manager-plugin",
    "for `aws ssm start-session`",
    (1, 2, 764, 0),
    {"apk": "aws-session-manager-plugin", "nix": "ssm-session-manager-plugin"},
    version=r"(\d+\.\d+\.\d+\.\d+)",
    pinned_version="1.2.835.0",
    pins=published(PLUGIN_URL, PLUGIN_FILES, kind="deb", is_glibc=True),
    by_hand="brew install --cask session-manager-plugin (macOS), or see "
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html",
)
REQUIRED = (GIT, BASH, DIRENV)
ON_REQUEST = (AWS, JQ, PLUGIN)
