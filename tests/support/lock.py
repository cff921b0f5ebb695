"""Write requirements/*.txt from pyproject.toml: exact versions with hashes, no registry and no path in them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAD = "# Made by `make lock` from pyproject.toml. Do not edit.\n"


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run = project["project"]["dependencies"]
    groups = project["dependency-groups"]
    target = ROOT / "requirements"
    target.mkdir(exist_ok=True)
    pinned = compile_to(target / "run.txt", run, "")
    compile_to(target / "s3.txt", [*run, *project["project"]["optional-dependencies"]["s3"]], pinned, without=pinned)
    compile_to(target / "test.txt", [*run, *groups["test"]], pinned, without=pinned)
    compile_to(target / "lint.txt", [*run, *groups["test"], *groups["lint"]], pinned, without=pinned)


def compile_to(path: Path, wanted: list[str], constraints: str, *, without: str = "") -> str:
    """Pin ``wanted`` under ``constraints``; leave out what the lock ``without`` installs already."""
    with tempfile.TemporaryDirectory() as folder:
        source, limits, out = (Path(folder) / name for name in ("in.in", "limits.txt", "out.txt"))
        source.write_text("\n".join(wanted) + "\n", encoding="utf-8")
        limits.write_text(constraints, encoding="utf-8")
        options = ["--quiet", "--generate-hashes", "--no-header", "--no-annotate", "--allow-unsafe", "--strip-extras"]
        options += ["--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host", "--no-emit-options"]
        command = [
            sys.executable,
            "-m",
            "piptools",
            "compile",
            *options,
            "-c",
            str(limits),
            "-o",
            str(out),
            str(source),
        ]
        subprocess.run(command, check=True, cwd=folder)
        text = out.read_text(encoding="utf-8")
    known = set(entries(without))
    kept = [entry for name, entry in entries(text).items() if name not in known]
    path.write_text(HEAD + "".join(kept), encoding="utf-8")
    return text


def entries(lock: str) -> dict[str, str]:
    """Return each pinned package with its hashes, by ``name==version``."""
    found: dict[str, str] = {}
    name = ""
    for line in lock.splitlines(keepends=True):
        if "==" in line and not line.startswith((" ", "#")):
            name = line.split()[0]
            found[name] = ""
        if name and line.strip() and not line.lstrip().startswith("#"):
            found[name] += line
    return found


if __name__ == "__main__":
    main()
