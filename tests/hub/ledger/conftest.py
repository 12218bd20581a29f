"""What the tests of this room share."""

from tests.hub.growers import growers, keys_of_the_hub, node  # noqa: F401
