"""Prints pip's settings as shell exports for uv, which ignores pip's configuration.

A company that has configured pip (an own index, more indexes, a folder of wheels, a
certificate) expects a project's set-up to honour it. What is already said in uv's own
variables wins. Hashes are pinned, so an index cannot change what is installed.
"""

import ast
import os
import shlex
import subprocess
import sys


def read_pip() -> dict[str, str]:
    """pip's effective settings by bare name; the environment comes after the files."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True
    ).stdout
    found: dict[str, str] = {}
    for line in sorted(listing.splitlines(), key=lambda line: line.startswith(":env:")):
        key, separator, value = line.partition("=")
        scope, _, name = key.partition(".")
        if separator and scope in {"global", "install", ":env:"}:
            found[name] = str(ast.literal_eval(value))
    return found


def exports(pip: dict[str, str], environment: dict[str, str]) -> dict[str, str]:
    """The variables uv needs so that it looks where pip would look."""
    wanted: dict[str, str] = {}
    if not any(name.startswith("UV_") and "INDEX" in name for name in environment):
        if index := pip.get("index-url"):
            wanted["UV_DEFAULT_INDEX"] = index
        if more := pip.get("extra-index-url"):
            wanted["UV_INDEX"] = " ".join(more.split())
            # pip takes the best of all indexes; uv would stop at the first that knows the name.
            wanted["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    pairs = {"find-links": "UV_FIND_LINKS", "cert": "SSL_CERT_FILE", "proxy": "ALL_PROXY"}
    for name, variable in pairs.items():
        if value := pip.get(name):
            wanted[variable] = value
    if hosts := pip.get("trusted-host"):
        wanted["UV_INSECURE_HOST"] = " ".join(hosts.split())
    if "UV_FIND_LINKS" in wanted:
        wanted["UV_FIND_LINKS"] = ",".join(wanted["UV_FIND_LINKS"].split())
    return {name: value for name, value in wanted.items() if name not in environment}


if __name__ == "__main__":
    for name, value in exports(read_pip(), dict(os.environ)).items():
        print(f"export {name}={shlex.quote(value)}")
