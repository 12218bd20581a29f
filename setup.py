"""What belongs to the package beside its code: a checkout's files go into the package that reads them."""

from pathlib import Path

from setuptools import setup

ROOMS = ("hub", "supplier_portal", "logistics", "chain_node")
SHARED = {
    "hub.share.templates": "templates",
    "hub.share.static": "static",
    "hub.share.locale": "locale",
    "hub.share.docs.guides": "docs/guides",
    "hub.share.docs.images": "docs/images",
    "chain_node.contracts.artifacts": "contracts/artifacts",
}
DATA = {
    "hub.share.templates": ["**/*.html"],
    "hub.share.static": ["**/*"],
    "hub.share.locale": ["**/*.po"],
    "hub.share.docs.guides": ["*.md"],
    "hub.share.docs.images": ["*.png"],
    "chain_node.contracts.artifacts": ["*.json"],
    "chain_node": ["geth/go.mod", "geth/go.sum", "geth/requirements.lock"],
    "hub.demo": ["items.txt"],
    "hub.accounts": ["common-passwords.txt"],
    "hub.gs1.profiles": ["*.json"],
    "hub.gs1.syntax": ["gs1-syntax-dictionary.txt"],
    "hub.ubl": ["ubl-2.3-xsd.zip"],
}


def packages() -> list[str]:
    """Every folder with modules in it; migrations are read as files and lie in one without ``__init__``."""
    return sorted({".".join(path.parent.parts) for room in ROOMS for path in Path(room).rglob("*.py")})


setup(
    packages=[*packages(), *SHARED],
    package_dir=SHARED,
    package_data=DATA,
)
