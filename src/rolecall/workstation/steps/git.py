"""Questions to git about the project's folder. Changes nothing; where git is missing, it knows nothing."""

from pathlib import Path

from rolecall.system.programs import git, processes


def said(root: Path, *words: str) -> str:
    """Return what `git WORDS` prints in `root`; empty where it fails."""
    done = git.run(root, *words)
    return done.out.strip() if done.is_ok else ""


def is_work_tree(root: Path) -> bool:
    """Return whether `root` lies in a git work tree, and git is installed."""
    return processes.find("git") is not None and said(root, "rev-parse", "--is-inside-work-tree") == "true"


def tracks(root: Path, name: str) -> bool:
    """Return whether git knows the file `name` of `root`: it is committed, or will be."""
    return is_work_tree(root) and bool(said(root, "ls-files", "--", name))


def committed_text(folder: Path, name: str) -> str:
    """Return the file `name` of `folder` as the last commit has it; empty where it has none."""
    return said(folder, "show", f"HEAD:./{name}") if is_work_tree(folder) else ""


def has_committed(root: Path, name: str) -> bool:
    """Return whether the last commit holds the file `name` of `root`."""
    return is_work_tree(root) and bool(said(root, "ls-tree", "--name-only", "HEAD", "--", name))
