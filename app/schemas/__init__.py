"""Shapes of the API's JSON: type, presence, length. What the values mean is decided by the services."""
