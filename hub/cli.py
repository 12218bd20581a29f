"""``furrow``: the product's command line. Everything goes through the hub's own doors, or needs no hub at all.

Each command imports what it alone needs: `furrow sign` runs for months on a member's small machine.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import httpx2
import typer

from logistics import cli as routes
from supplier_portal import cli as forecasts

if TYPE_CHECKING:
    from hub.local.installation import Installation

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # there may be secrets among them
    help="Furrow: a supplier hub for supermarkets.",
)
app.add_typer(forecasts.app, name="forecast")
app.add_typer(routes.app, name="route")

Hub = Annotated[str, typer.Option(envvar="FURROW_HUB", help="the hub's address; this checkout's by default")]
BackupKey = Annotated[
    Path | None,
    typer.Option(help="a file with the passphrase; else FURROW_BACKUP_KEY_FILE's, else it is asked for"),
]
ApiKey = Annotated[str, typer.Option(envvar="FURROW_API_KEY", help="an API key; the sample world's by default")]


@app.command()
def capture(
    files: list[Path],
    hub: Hub = "",
    key: ApiKey = "",
    proceed: Annotated[bool, typer.Option(help="keep the good events of a document, name the others")] = False,
) -> None:
    """Send EPCIS documents; say for each what became of it."""
    failed = False
    headers = {
        "GS1-Capture-Error-Behaviour": "proceed" if proceed else "rollback",
        "Content-Type": "application/ld+json",
    }
    with _client(hub, key) as client:
        for path in files:
            answer = client.post("/epcis/capture", content=path.read_bytes(), headers=headers)
            body = answer.json()
            while answer.status_code == 202 and body["running"]:
                time.sleep(1)
                body = client.get(f"/epcis/capture/{body['captureID']}").raise_for_status().json()
            if answer.status_code == 202:
                failed = failed or not (proceed or body["success"])
                typer.echo(
                    f"{path.name}: {body['events']} events captured, {len(body['errors'])} refused,"
                    f" job {body['captureID']}"
                )
            else:
                failed = True
                typer.echo(f"{path.name}: refused, {answer.status_code}: {body.get('detail', '')}", err=True)
            for error in body.get("errors", [])[:10]:
                where = error.get("path", error.get("where", ""))
                what = error.get("detail", error.get("message", error.get("what", "")))
                typer.echo(f"    {where}: {what}")
    raise typer.Exit(1 if failed else 0)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="a bundle, as downloaded from the auditor's page")],
    rpc: Annotated[str, typer.Option(help="a node of the chain that you trust; this checkout's by default")] = "",
    trust: Annotated[
        Path | None, typer.Option(help="your own trust file; without it the bundle's is taken, and said so")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="show what is valid too")] = False,
) -> None:
    """Check an auditor's bundle with nothing but an RPC address; exit 0 when all is valid, else 1."""
    from chain_node.ledger import Ledger
    from hub.ledger.audit import bundle
    from hub.ledger.checks.findings import Outcome, all_good

    with file.open() as lines:
        read = bundle.read(lines)
    own = bundle.Trust.of_json(json.loads(trust.read_text())) if trust else None
    if own is None:
        typer.echo(
            "No trust file given: the bundle is judged by its own, so it cannot show that this is the right chain."
        )
    node = Ledger(rpc or _installation().settings["FURROW_CHAIN_URL"], (own or read.trust).deployment)
    findings = bundle.verify(read, node, own)
    for check in findings:
        if every or not check.good:
            typer.echo(str(check))
    records = sum(len(stream.records) for stream in read.streams)
    good = all_good(findings)
    attested = sum(check.outcome is Outcome.HUB_ATTESTED for check in findings)
    verdict = "all valid" if good else "NOT all valid"
    typer.echo(
        f"{verdict}: {len(findings)} checks of {records} records in {len(read.streams)} streams,"
        f" {attested} streams attested by the hub"
    )
    raise typer.Exit(0 if good else 1)


@app.command("new-key")
def new_key(file: Annotated[Path, typer.Argument(help="where the key is written; nobody else may read it")]) -> None:
    """Make a member's own key; print its address, which the member joins the ledger by."""
    from coincurve import PrivateKey

    from hub.ledger.formats import streams

    secret = PrivateKey()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(secret.secret.hex() + "\n")
    except FileExistsError:
        typer.echo(f"{file} is there already, and stays as it is.", err=True)
        raise typer.Exit(1) from None
    typer.echo("0x" + streams.address(secret.public_key).hex())


@app.command()
def sign(
    key: Annotated[
        Path, typer.Option(help="the member's private key: a file of 64 hex digits that the hub never sees")
    ],
    member: Annotated[int, typer.Option(help="the member's number on the ledger")],
    hub: Hub = "",
    api_key: ApiKey = "",
    follow: Annotated[bool, typer.Option(help="go on until stopped, every two seconds")] = False,
) -> None:
    """Number, salt and sign the records that wait for this member's own key, and hand them in."""
    from coincurve import PrivateKey

    from hub.signer import Signer, SignerStopped

    secret = PrivateKey(bytes.fromhex(key.read_text().strip().removeprefix("0x")))
    signer = Signer(
        hub or _installation().address, api_key or _sample_key(), secret, member, key.with_suffix(".journal")
    )
    while True:
        try:
            count = signer.round()
        except (SignerStopped, httpx2.HTTPError) as problem:
            typer.echo(f"{type(problem).__name__}: {problem}", err=True)
            if not follow:
                raise typer.Exit(1) from problem
            count = 0
        if count or not follow:
            typer.echo(f"{count} records signed")
        if not follow:
            return
        time.sleep(2)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="where furrow.env and secrets/ are written, such as /etc/furrow")],
    address: Annotated[str, typer.Option(help="the hub's address, such as https://hub.example.com")],
    containers: Annotated[bool, typer.Option(help="for deploy/compose.yaml, not for systemd")] = False,
    database: Annotated[str, typer.Option(help="where PostgreSQL listens, without containers")] = "127.0.0.1:5432",
    superuser: Annotated[
        Path | None, typer.Option(help="a file with the address of PostgreSQL's superuser: make roles and database too")
    ] = None,
) -> None:
    """Write the settings of a hub on a server, each explained, and fresh secrets, each in a file of its own."""
    from hub.roles import APP, OWNER, PUBLIC, RELAY
    from hub.server import beginning

    if not address.startswith(("https://", "http://")):
        raise typer.BadParameter("say the whole address, with https://", param_hint="--address")
    alone = {"secrets": str(folder.resolve() / "secrets"), "database": database}
    told = beginning.CONTAINERS if containers else alone
    with _refusals():
        path = beginning.write(folder, beginning.Server(address.rstrip("/"), **told))
    if superuser is not None:
        files = {OWNER: "database-owner-url", APP: "database-url", PUBLIC: "database-public-url"}
        files |= {RELAY: "database-relay-url"}
        urls = {role: (folder / "secrets" / name).read_text() for role, name in files.items()}
        beginning.prepare_database(superuser.read_text().strip(), urls)
    typer.echo(f"Written: {path} and {folder / 'secrets'}. Copy {folder / 'secrets' / 'backup-key'} to another place.")


@app.command()
def migrate(
    superuser: Annotated[
        Path | None, typer.Option(help="a file with the address of PostgreSQL's superuser: make roles and database too")
    ] = None,
    only_roles: Annotated[bool, typer.Option("--only-roles", help="no schema: a restore brings its own")] = False,
) -> None:
    """Bring the database to the schema of this version; safe to repeat."""
    from hub import schema
    from hub.roles import APP, OWNER, PUBLIC, RELAY
    from hub.server import beginning
    from hub.settings import settings

    _know_the_hub("migration")
    known = settings()
    if superuser is not None:
        urls = {
            OWNER: known.database_owner_url,
            APP: known.database_url,
            PUBLIC: known.database_public_url,
            RELAY: known.database_relay_url,
        }
        told = {role: url.get_secret_value() for role, url in urls.items()}
        beginning.prepare_database(superuser.read_text().strip(), told)
    if only_roles:
        return
    schema.upgrade()
    typer.echo(f"The database is at schema {schema.newest()}.")


@app.command()
def backup(
    to: Annotated[Path | None, typer.Option(help="the folder; FURROW_BACKUP_FOLDER by default")] = None,
    key: BackupKey = None,
) -> None:
    """Write keys, chain and database into one dated, encrypted archive; on the hub's own machine, while it runs."""
    from hub.server import backup
    from hub.settings import settings

    _know_the_hub("backup")
    folder = to or settings().backup_folder
    if folder is None:
        raise typer.BadParameter("say where: --to or FURROW_BACKUP_FOLDER")
    with _refusals():
        path = backup.save(folder, _passphrase(key, confirm=True))
    typer.echo(f"{path}, {path.stat().st_size / 1e6:.1f} MB")


@app.command()
def restore(
    archive: Path,
    key: BackupKey = None,
    check: Annotated[bool, typer.Option(help="read it to its end and judge it, and change nothing")] = False,
) -> None:
    """Bring a backup back where nothing is yet: keys, chain and database; the hub must not run meanwhile."""
    from hub.server import backup

    _know_the_hub("backup")
    with _refusals():
        passphrase = _passphrase(key)
        manifest = backup.check(archive, passphrase) if check else backup.load(archive, passphrase)
    tables = len(manifest.tables)
    typer.echo(
        f"{'Whole' if check else 'Restored'}: begun {manifest.begun_at}, schema {manifest.schema}, {tables} tables"
    )


@app.command("admin-link")
def admin_link(
    email: Annotated[str, typer.Option(help="an administrator who is locked out, by his e-mail address")] = "",
) -> None:
    """Print a one-time link that makes the first administrator, or lets one in again; on the hub's own machine."""
    from hub import db
    from hub.beginning import links

    _know_the_hub()
    with _refusals(), db.hub_session() as session:
        address = links.make(session, email)
    typer.echo(address)


@app.command("password-link")
def password_link(email: Annotated[str, typer.Argument(help="the person's e-mail address")]) -> None:
    """Print a one-time link by which a person chooses a new password; on the hub's own machine."""
    from hub.accounts import links

    _know_the_hub()
    with _refusals():
        address = links.make_here(email)
    typer.echo(address)


@app.command()
def parked(
    again: Annotated[bool, typer.Option(help="have all of them tried again, now")] = False,
) -> None:
    """List the messages of all parties that failed too often to be tried any more; on the hub's own machine."""
    from hub import db, outbox

    _know_the_hub()
    with db.hub_session() as session:
        messages = outbox.parked(session)
        for row in messages:
            typer.echo(f"{row.id} {row.type} after {row.attempts} tries: {row.error}")
            if again:
                outbox.again(session, row.id)
    typer.echo(f"{len(messages)} messages {'are tried again' if again else 'wait'}")


@app.command(name="master-data")
def master_data(
    state: Annotated[
        bool, typer.Option(help="record what members show and have not stated yet, as their word")
    ] = False,
    rebuild: Annotated[bool, typer.Option(help="make every row say again what its owner signed last")] = False,
) -> None:
    """Name the parties, places, items and papers that are shown otherwise than signed; on the hub's own machine."""
    from hub import db
    from hub.ledger.custody import speakers
    from hub.trace import master_data

    os.environ.update(_installation().environment("relay"))
    if state:
        with db.hub_session() as session:
            members = speakers.members(session).numbers
        stated = 0
        for organization in members:
            with db.session(db.Who(organization, via="command")) as own:
                stated += master_data.state_all(own)
        typer.echo(f"{stated} statements recorded")
    with db.hub_session() as session:
        altered = list(master_data.differences(session))
        for difference in altered:
            typer.echo(str(difference))
        mended = master_data.rebuild(session) if rebuild else 0
    typer.echo(
        f"{len(altered)} rows differ from what was signed" + (f"; {mended} are as signed again" if mended else "")
    )
    raise typer.Exit(1 if len(altered) > mended else 0)


@app.command()
def doctor() -> None:
    """Look for what is wrong with this installation; on the hub's own machine. Exit 1 when something is."""
    from hub import health

    _know_the_hub("doctor")
    wrong = 0
    for subject, found in health.findings():
        typer.echo(f"{'look' if found else 'well'}  {subject}")
        for line in found:
            typer.echo(f"      {line}")
        wrong += len(found)
    typer.echo("Nothing is wrong." if not wrong else f"{wrong} things to look at.")
    raise typer.Exit(1 if wrong else 0)


def _client(hub: str, key: str) -> httpx2.Client:
    headers = {"Authorization": f"Bearer {key or _sample_key()}"}
    return httpx2.Client(base_url=hub or _installation().address, headers=headers, timeout=60)


def _know_the_hub(part: str = "relay") -> None:
    """Take the settings of this checkout's hub, unless the environment has a hub's already."""
    told = ("FURROW_DATABASE_RELAY_URL", "FURROW_DATABASE_RELAY_URL_FILE", "FURROW_DATABASE_OWNER_URL")
    if not any(map(os.environ.get, told)):
        os.environ.update(_installation().environment(part))


@contextmanager
def _refusals() -> Iterator[None]:
    """Say what is refused, and end."""
    from hub.errors import HubError

    try:
        yield
    except HubError as refusal:
        typer.echo(refusal.detail, err=True)
        raise typer.Exit(1) from refusal


def _passphrase(key: Path | None, *, confirm: bool = False) -> bytes:
    """Out of the file that is named, or asked for."""
    from hub.settings import settings

    path = key or settings().backup_key_file
    if path is not None:
        return path.read_bytes().strip()
    return str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm)).encode()


def _installation() -> "Installation":
    """This checkout's installation."""
    from hub.local.installation import here

    return here()


def _sample_key() -> str:
    path = _installation().folder / "secrets" / "sample-api-key"
    if not path.exists():
        raise typer.BadParameter("give an API key (--key or FURROW_API_KEY): there is no sample world here")
    return path.read_text().strip()


def main() -> None:
    """The command ``furrow``; what it writes is nobody else's to read."""
    os.umask(0o077)
    app(prog_name="furrow")


if __name__ == "__main__":
    main()
