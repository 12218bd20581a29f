"""Sets a Tryton database up for the tests. Runs in Tryton's own environment, never in the hub's.

``python tryton_init.py FOLDER`` makes ``core.sqlite`` there, with one company, its accounts and a user for the
hub, and writes what a client must know to ``state.json``.
"""

import datetime as dt
import json
import os
import secrets
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

MODULES = ["stock_lot_sled", "purchase"]


def main(folder: Path) -> None:
    configuration = folder / "init.conf"
    configuration.write_text(f"[database]\nuri = sqlite://\npath = {folder}\n")
    (folder / "core.sqlite").touch()
    password = folder / "password"
    password.write_text(secrets.token_urlsafe(16))
    admin = [str(Path(sys.executable).with_name("trytond-admin")), "-c", str(configuration), "-d", "core"]
    environment = {**os.environ, "TRYTONPASSFILE": str(password)}
    for step in (["--all", "--email", "admin@localhost"], ["--activate-dependencies", "-u", *MODULES]):
        subprocess.run([*admin, *step], env=environment, check=True, stdin=subprocess.DEVNULL)
    (folder / "state.json").write_text(json.dumps(company(configuration)))


def company(configuration: Path) -> dict[str, object]:
    """A company with accounts, since purchases need them, and an application key for the hub's user."""
    from proteus import Model, Wizard, config

    settings = config.set_trytond("core", config_file=str(configuration))
    for item in Model.get("ir.module.config_wizard.item").find([("state", "!=", "done")]):
        item.state = "done"
        item.save()
    currency = Model.get("currency.currency")(
        name="Yuan Renminbi", symbol="¥", code="CNY", numeric_code="156", rounding=Decimal("0.01"), digits=2
    )
    rate = currency.rates.new()
    rate.date, rate.rate = dt.date(2000, 1, 1), Decimal(1)
    currency.save()
    party = Model.get("party.party")(name="Hejia Supermarkets")
    party.save()
    wizard = Wizard("company.company.config")
    wizard.execute("company")
    wizard.form.party, wizard.form.currency = party, currency
    wizard.execute("add")
    User = Model.get("res.user")
    settings._context = User.get_preferences(True, settings.context)
    (made,) = Model.get("company.company").find()
    category = accounts(made, settings)
    user = User(name="Furrow", login="furrow", email="furrow@localhost", password=secrets.token_urlsafe(20))
    user.companies.append(made)
    user.company = made
    for group in Model.get("res.group").find([]):
        user.groups.append(group.__class__(group.id))
    user.save()
    key = Model.get("res.user.application")(user=user, application="rest")
    key.save()
    return {"key": key.key, "company": made.id, "account_category": category.id}


def accounts(company: object, settings: object) -> object:
    """A chart of accounts, and the product category that points into it."""
    from proteus import Model, Wizard

    template = Model.get("ir.model.data").get_id("account.account_template_root_en", settings.context)
    chart = Wizard("account.create_chart")
    chart.execute("account")
    chart.form.account_template = Model.get("account.account.template")(template)
    chart.form.company = company
    chart.execute("create_account")
    Account = Model.get("account.account")

    def account(kind: str, *more: tuple[str, str, bool]) -> object:
        wanted = [(f"type.{kind}", "=", True), ("closed", "!=", True), ("company", "=", company.id), *more]
        return Account.find(wanted, limit=1)[0]

    of_parties = ("party_required", "=", True)
    chart.form.account_receivable = account("receivable", of_parties)
    chart.form.account_payable = account("payable", of_parties)
    chart.execute("create_properties")
    category = Model.get("product.category")(name="Groceries", accounting=True)
    category.account_expense, category.account_revenue = account("expense"), account("revenue")
    category.save()
    return category


if __name__ == "__main__":
    main(Path(sys.argv[1]))
