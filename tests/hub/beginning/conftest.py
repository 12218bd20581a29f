"""What the tests of this room share."""

from tests.hub.growers import keys_of_the_hub  # noqa: F401
