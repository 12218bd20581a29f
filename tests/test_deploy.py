"""What brings the hub onto a server says what the code says, as far as it can be told without a server."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from chain_node import build, node
from hub.local.installation import SECRETS
from hub.server import beginning
from hub.settings import Settings

CHECKOUT = Path(__file__).parents[1]
DEPLOY = CHECKOUT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
PARTS = {"web-a": "web", "web-b": "web", "keeper": "keeper", "relay": "background"}
PARTS |= {f"worker-{queue}": "background" for queue in ("cores", "plans", "bulk")}
PARTS |= {"contracts": "deployment"}
FILES = {
    "FURROW_DATABASE_URL": "database-url", "FURROW_DATABASE_PUBLIC_URL": "database-public-url",
    "FURROW_DATABASE_RELAY_URL": "database-relay-url", "FURROW_DATABASE_OWNER_URL": "database-owner-url",
    "FURROW_BROKER_URL": "broker-url", "FURROW_RECEIPT_KEY": "receipt-key", "FURROW_SENDER_KEY": "sender-key",
    "FURROW_NOTICE_KEY_FILE": "notice-kek", "FURROW_CORE_SEAL_FILE": "core-seal",
    "FURROW_PEOPLE_KEY_FILE": "people-kek", "FURROW_MAIL_URL": "mail-url",
    "FURROW_KEY_FILE": "kek", "FURROW_CORE_KEY_FILE": "core-kek",
}  # fmt: skip


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return read


def allowed(part: str) -> set[str]:
    """The files that a part may see: its secrets, and the address of the hub's account, which everybody knows."""
    return {FILES[name] for name in SECRETS[part]} | {"sender"}


def test_the_compose_file_is_one(compose):
    schema = json.loads((CHECKOUT / "tests" / "samples" / "compose" / "compose-spec.json").read_text())
    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(compose)] == []
    assert not jsonschema_rs.validator_for(schema).is_valid(compose | {"services": {"web": {"imag": "x"}}})


@pytest.mark.parametrize("service", PARTS)
def test_each_container_is_given_the_secrets_that_its_part_works_with_and_no_others(compose, service):
    assert set(compose["services"][service]["secrets"]) == allowed(PARTS[service])


def test_every_secret_of_the_compose_file_is_one_that_init_writes(compose, tmp_path):
    beginning.write(tmp_path, beginning.Server("https://hub.example.com", **beginning.CONTAINERS))
    written = {path.name for path in (tmp_path / "secrets").iterdir()}
    named = {name for service in compose["services"].values() for name in service.get("secrets", [])}
    assert named <= set(compose["secrets"]) and set(compose["secrets"]) <= written
    assert {f"./own/secrets/{name}" for name in compose["secrets"]} == {
        one["file"] for one in compose["secrets"].values()
    }


def test_what_is_depended_on_is_there_and_every_hub_container_starts_something_of_ours(compose):
    services = compose["services"]
    for name, service in services.items():
        assert set(service.get("depends_on", [])) <= set(services), name
        command = service.get("command", [])
        for module in re.findall(r"hub\.[a-z.]+", " ".join(command) if "furrow" in service["image"] else ""):
            assert (CHECKOUT / f"{module.replace('.', '/')}.py").exists(), module
    assert {"postgres", "valkey", "geth", "web-a", "web-b", "keeper", "relay", "caddy"} <= set(services)
    assert services["postgres"]["image"] == "postgres:18"


def test_the_node_is_the_pinned_one_and_runs_with_the_flags_that_were_measured(compose):
    """But for where it listens, and where its folder is."""
    geth = compose["services"]["geth"]
    assert geth["image"].endswith(f":v{build.VERSION}")
    measured = " ".join(node.command(Path("geth"), Path("/chain"), 8545)[1:])
    inside = " ".join(word.replace("=", " ", 1) for word in geth["command"] if "vhosts" not in word)
    assert inside.replace("0.0.0.0", "127.0.0.1") == measured
    unit = (DEPLOY / "systemd" / "furrow-chain.service").read_text().replace("\\\n", " ")
    started = re.search(r"ExecStart=\S+ (.*)", unit)
    assert started and " ".join(started[1].split()).replace("/var/lib/furrow/chain", "/chain") == measured


def test_only_the_proxy_can_be_reached_from_outside(compose):
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["caddy"]
    assert compose["networks"]["inside"]["internal"] is True
    assert compose["networks"]["inside"]["ipam"]["config"] == [{"subnet": beginning.CONTAINERS["proxies"]}]


def test_the_container_file_builds_from_what_is_there_and_runs_as_nobody():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == ["furrow"] and "--uid 10001" in text
    assert "--require-hashes -r requirements.lock" in text
    left_out = (CHECKOUT / ".containerignore").read_text().splitlines()
    assert left_out == (CHECKOUT / ".dockerignore").read_text().splitlines()
    assert not {"hub", "templates", "static", "locale", "contracts", "setup.py", "requirements.lock"} & set(left_out)


@pytest.mark.parametrize(
    ("unit", "part"),
    [("furrow-web@.service", "web"), ("furrow-keeper.service", "keeper"), ("furrow-relay.service", "background"),
     ("furrow-worker@.service", "background"), ("furrow-contracts.service", "deployment")],
)  # fmt: skip
def test_each_unit_sees_the_secrets_that_its_part_works_with_and_no_others(unit, part):
    text = (DEPLOY / "systemd" / unit).read_text(encoding="utf-8")
    assert "TemporaryFileSystem=/etc/furrow/secrets:ro" in text
    assert set(re.findall(r"BindReadOnlyPaths=/etc/furrow/secrets/(\S+)", text)) == allowed(part)


def test_systemd_reads_the_units(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze here")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/usr/local/bin/geth", sys.executable)
        text = re.sub(r"/opt/furrow/bin/\w+", sys.executable, text)
        (tmp_path / unit.name).write_text(text)
    named = [path.name.replace("@", "@1") for path in UNITS]
    done = subprocess.run(
        [analyze, "verify", "--man=no", *(str(tmp_path / name) for name in named)],
        capture_output=True,
        text=True,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )
    ours = [line for line in done.stderr.splitlines() if "furrow" in line]
    assert done.returncode == 0 and ours == [], done.stderr


def test_every_setting_that_a_unit_or_container_is_given_is_known(compose):
    text = "".join(path.read_text(encoding="utf-8") for path in (*UNITS, DEPLOY / "Caddyfile", DEPLOY / "compose.yaml"))
    known = {f"FURROW_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"FURROW_[A-Z_]+", text)) - known <= {"FURROW_WEB", "FURROW_VERSION"}
