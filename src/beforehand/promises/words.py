"""Words with a meaning in terms, apart from the tables, so that a file can be checked without a database."""

PROVIDERS_LIST, CLIENTS_LIST, NO_LIST = "provider", "client", "none"
HOLIDAY_LISTS = (PROVIDERS_LIST, CLIENTS_LIST, NO_LIST)
"""Whose list of holidays counts (1.2)."""

CLIENT_ZONE = "client"
"""In place of a coverage's zone: that of the client it is promised to."""
