"""A PostgreSQL of the tests' own, on a free port of the loopback; without its programs the test is skipped, and says so."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def programs() -> Path:
    """Where PostgreSQL's programs are: on the path, or where Debian keeps them off it."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        pytest.skip("no PostgreSQL (initdb) on PATH or in /usr/lib/postgresql: the source was not read from a server")
    return found[-1]


@contextmanager
def server(home: Path) -> Iterator[str]:
    """The address of a server whose data are in this folder; it stops with the block."""
    binaries, data, secret = programs(), home / "data", home / "password"
    secret.write_text("geheim-7")
    as_user = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        as_user = ["runuser", "-u", "postgres", "--"]
        for folder in [home, *home.parents]:
            if Path(tempfile.gettempdir()) in folder.parents:
                folder.chmod(0o755)
        shutil.chown(home, "postgres")
        shutil.chown(secret, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begin = [binaries / "initdb", "-D", data, "-U", "lever", "-A", "scram-sha-256", "--pwfile", secret, "--no-sync"]
    subprocess.run([*as_user, *begin], check=True, capture_output=True, cwd=home)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    control = [*as_user, binaries / "pg_ctl", "-D", data]
    subprocess.run([*control, "-o", options, "-l", home / "log", "-w", "start"], check=True, cwd=home)
    try:
        yield f"postgresql://lever:geheim-7@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, cwd=home, capture_output=True)
