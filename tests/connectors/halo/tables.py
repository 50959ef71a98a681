"""The configuration of a small MSP, as a HaloPSA tells it."""

from typing import Any

Row = dict[str, Any]
STATUSES = (
    ("New", "R"), ("In Progress", "R"), ("", ""), ("With User", "H"), ("With Vendor", "H"), ("", ""), ("", ""),
    ("Resolved", None), ("Closed", None),
)  # fmt: skip
HOURS = {
    "incmonday": True, "alldayssame": True, "start": "1900-01-01T09:00:00", "end": "1900-01-01T17:00:00",
}  # fmt: skip


def set_up() -> dict[str, list[Row]]:
    """The configuration of a small MSP."""
    statuses: list[Row] = [
        {"id": number, "name": name, "type": 0, "slaaction": action}
        for number, (name, action) in enumerate(STATUSES, 1)
        if name
    ]
    statuses += [
        {"id": 22, "name": "Re-Opened", "type": 0, "slaaction": "R"},
        {"id": 99, "name": "Quote sent", "type": 3},
    ]
    return {
        "Status": statuses,
        "Priority": [
            {"id": "3-1", "slaid": 3, "priorityid": 1, "name": "P1", "responsetime": 1.0, "responseunits": "H"},
            {"id": "3-2", "slaid": 3, "priorityid": 2, "name": "P2", "responsetime": 4.0, "responseunits": "H"},
            {"id": "4-2", "slaid": 4, "priorityid": 2, "name": "Routine"},
        ],
        "TicketType": [
            {"id": 1, "name": "Incident", "use": "ticket"},
            {"id": 2, "name": "RMM alert", "use": "ticket"},
            {"id": 3, "name": "Rollout", "use": "projects"},
        ],
        "Team": [{"id": 5, "name": "First Line"}],
        "Agent": [
            {"id": 1, "name": "Unassigned"},
            {"id": 150, "name": "Alex Smith", "email": "alex@msp.test", "team": "First Line"},
            {"id": 151, "name": "Robin Jones", "isdisabled": False},
            {"id": 160, "name": "Monitoring", "isapiagent": True},
        ],
        "SLA": [{"id": 3, "name": "Gold SLA", "workday_id": 1, "responsereset": False}],
        "Workday": [{"id": 1, "name": "Office", "timezone": "GMT Standard Time", **HOURS}],
        "Holiday": [{"id": "31", "workday_id": 1, "date": "2026-04-03T00:00:00", "name": "Good Friday"}],
        "Outcome": [{"id": 7, "outcome": "Private Note", "sendemail": 0}, {"id": 6, "outcome": "Mail", "sendemail": 1}],
        "FieldInfo": [
            {"id": 201, "name": "CFDeadline", "label": "Our deadline"},
            {"id": 202, "name": "CFRisk", "label": "Risk"},
        ],
        "Client": [{"id": 1, "name": "Unknown"}, {"id": 300, "name": "Contoso", "main_site_id": 301}],
        "Site": [{"id": 301, "name": "Main", "client_id": 300.0, "timezone": "GMT Standard Time"}],
        "Users": [
            {"id": 77, "name": "Casey Client", "client_id": 300.0, "client_name": "Contoso", "site_id": 301.0,
             "emailaddress": "Casey@contoso.test", "phonenumber": "555", "isimportantcontact": False},
            {"id": 78, "name": "Vera Chief", "client_id": 300.0, "client_name": "Contoso", "site_id": 301.0,
             "emailaddress": "vera@contoso.test", "isimportantcontact": True},
        ],
        "ClientContract": [{"id": 900, "client_id": 300, "ref": "GOLD-2025", "active": True}],
    }  # fmt: skip
