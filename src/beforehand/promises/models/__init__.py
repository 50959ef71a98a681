"""The facts of what was promised, and their constraints. The rules are in book.py, the notation in file/."""

from beforehand.promises.models.agreements import Agreement, Edition, Line, Plan, Target, Version
from beforehand.promises.models.clients import Client, ClientKey
from beforehand.promises.models.contacts import Contact, ContactKey, ContactTier
from beforehand.promises.models.ladders import Ladder
from beforehand.promises.models.provider import ProviderTerms, StatusMapping
from beforehand.promises.models.set_up import SetUpPiece
from beforehand.promises.models.time import Closure, Coverage, Opening, Region

__all__ = [
    "Agreement",
    "Client",
    "ClientKey",
    "Closure",
    "Contact",
    "ContactKey",
    "ContactTier",
    "Coverage",
    "Edition",
    "Ladder",
    "Line",
    "Opening",
    "Plan",
    "ProviderTerms",
    "Region",
    "SetUpPiece",
    "StatusMapping",
    "Target",
    "Version",
]
