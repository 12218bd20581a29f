"""``python -m hub.local.admission``: print the one-time link of an empty hub; nothing where somebody administers it.

A process of its own, so that the one that watches over all others keeps no models in memory.
"""

from hub import db
from hub.beginning import links


def main() -> None:
    """Make a new link at each start: whoever reads the terminal now is who is meant."""
    with db.hub_session() as session:
        if links.administered(session):
            return
        address = links.make(session)
    print("  Nobody administers this hub yet. This link makes its first administrator, once and for 72 hours:\n")
    print(f"    {address}\n", flush=True)


if __name__ == "__main__":
    main()
