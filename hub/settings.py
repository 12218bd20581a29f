"""Every setting the hub has, read once from the environment (prefix ``FURROW_``)."""

import os
from functools import cached_property, lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parent.parent
INSTALLED = not (CHECKOUT / "pyproject.toml").exists()
"""Whether this is a package that pip installed; ``CHECKOUT`` is then only the folder of all packages."""
SHARE = CHECKOUT / "hub" / "share" if INSTALLED else CHECKOUT
"""Where templates, static files and the catalogue of sentences lie (``setup.py`` puts them there)."""
_LOSING_BROKERS = ("sqla+", "filesystem:", "memory:")


class FromFiles(PydanticBaseSettingsSource):
    """A secret out of the file that its setting with ``_FILE`` names, where the setting itself is not given.

    One file of settings serves all parts, each of which sees its own secrets: the others count as not given.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file without the end of its last line; nothing for what is no secret."""
        filed = field.annotation is SecretStr or field_name == "sender"  # which changes with its key, at a restore
        name = os.environ.get(f"FURROW_{field_name.upper()}_FILE") if filed else None
        if not name or not os.access(name, os.R_OK):
            return None, field_name, False
        return Path(name).read_text(encoding="utf-8").strip(), field_name, False

    def __call__(self) -> dict[str, Any]:
        """All secrets that lie in files."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """One description for every environment; nothing here has a secret as its default.

    Each secret may lie in a file instead: ``FURROW_SENDER_KEY_FILE`` names the one of ``FURROW_SENDER_KEY``.
    """

    model_config = SettingsConfigDict(env_prefix="FURROW_", extra="ignore")

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *_: Any, **sources: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then the files it names."""
        return sources["init_settings"], sources["env_settings"], FromFiles(settings_cls)

    environment: str = "development"
    database_url: SecretStr = SecretStr("")
    database_public_url: SecretStr = SecretStr("")
    database_relay_url: SecretStr = SecretStr("")
    database_owner_url: SecretStr = SecretStr("")
    database_pool: int = 10
    broker_url: SecretStr = SecretStr("")
    chain_url: str = ""
    chain_id: int = 1337
    finality: str = "tag"
    sealers: int = 1
    sender: str = ""
    sender_key: SecretStr = SecretStr("")
    receipt_key: SecretStr = SecretStr("")
    key_file: Path = CHECKOUT / ".local" / "secrets" / "kek"
    mail_url: SecretStr = SecretStr("")
    chat_robots: str = "wecombot,dingtalk,feishu,lark"
    notice_key_file: Path = CHECKOUT / ".local" / "secrets" / "notice-kek"
    core_seal_file: Path = CHECKOUT / ".local" / "secrets" / "core-seal"
    core_key_file: Path = CHECKOUT / ".local" / "secrets" / "core-kek"
    chain_folder: Path | None = None
    backup_folder: Path | None = None
    backup_key_file: Path | None = None
    people_key_file: Path = CHECKOUT / ".local" / "secrets" / "people-kek"
    sample_accounts_file: Path = CHECKOUT / ".local" / "sample-accounts.json"
    status_file: Path = CHECKOUT / ".local" / "status.json"
    core_url: str = ""
    base_url: str = "http://localhost:8000"
    trusted_proxies: str = ""
    cities_file: Path | None = None
    body_limit: int = 20 * 1024 * 1024
    capture_limit: int = 2000
    capture_at_once: int = 1000
    capture_at_once_bytes: int = 2 * 1024 * 1024
    webhooks_to_neighbours: bool = False
    session_idle_minutes: int = 120
    session_days: int = 7
    answer_hours: int = 8
    claim_hours: int = 48
    receipt_undo_minutes: int = 10
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["logfmt", "json"] = "logfmt"
    metrics_port: int = 0

    @model_validator(mode="after")
    def _refuse_brokers_that_lose_tasks(self) -> "Settings":
        """SQL and file brokers lose tasks when a worker dies; refuse them at start."""
        if self.broker_url.get_secret_value().startswith(_LOSING_BROKERS):
            raise ValueError("FURROW_BROKER_URL: this kind of broker loses tasks; give redis:// (Valkey) or amqp://")
        return self

    @cached_property
    def trusted_networks(self) -> list[IPv4Network | IPv6Network]:
        """The proxies whose word on where a request comes from is taken: addresses or networks, with commas."""
        return [ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip()]

    @property
    def secure(self) -> bool:
        """Whether pages are served over TLS, so that cookies may be ``Secure`` and ``__Host-``."""
        return self.base_url.startswith("https://")


@lru_cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
