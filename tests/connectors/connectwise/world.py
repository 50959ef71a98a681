"""A small tenant as it is set up, and the keys to it."""

from typing import Any

COMPANY, PUBLIC, PRIVATE, CLIENT = "northwind", "pub1", "priv1", "11111111-2222-3333-4444-555555555555"
BOARD = {"id": 20, "name": "Service Desk"}
STATUSES = {
    "New": (501, "NotResponded", False),
    "In Progress": (502, "Responded", False),
    "Waiting on Client": (503, "NoEscalation", False),
    "Waiting on Vendor": (504, "NoEscalation", False),
    "Completed": (505, "Resolved", False),
    "Closed": (506, "Resolved", True),
    "Re-Opened": (507, "Responded", False),
}
ALEX = {"id": 150, "identifier": "asmith", "name": "Alex Smith"}
BOT = {"id": 151, "identifier": "rmm", "name": "RMM"}
CASEY = {"id": 77, "name": "Casey Client"}
KEY = "a-signing-key"
KEY_URL = "https://api-na.myconnectwise.net/v2025_1/apis/3.0/webhookkeys/1"
Row = dict[str, Any]


def set_up() -> dict[str, list[Row]]:
    hours = {"mondayStartTime": "09:00:00", "mondayEndTime": "17:00:00"}
    return {
        "service/tickets": [],
        "time/entries": [],
        "schedule/entries": [],
        "service/boards": [BOARD, {"id": 21, "name": "Projects", "projectFlag": True}],
        "service/boards/20/statuses": [
            {"id": id_, "name": name, "escalationStatus": escalation, "closedStatus": closed, "board": BOARD}
            for name, (id_, escalation, closed) in STATUSES.items()
        ],
        "service/boards/20/types": [{"id": 11, "name": "Incident"}, {"id": 12, "name": "Monitoring Alert"}],
        "service/boards/20/teams": [{"id": 5, "name": "Tier 1", "members": [150]}],
        "service/priorities": [{"id": 4, "name": "Priority 2", "sortOrder": 2, "level": "High"}],
        "service/sources": [{"id": 2, "name": "Email Connector"}, {"id": 3, "name": "Phone"}],
        "service/SLAs": [
            {
                "id": 7,
                "name": "Gold SLA",
                "basedOn": "MyCalendar",
                "respondHours": 1,
                "_info": {"lastUpdated": "x"},
            }
        ],
        "service/SLAs/7/priorities": [
            {"id": 1, "priority": {"id": 4, "name": "Priority 2"}, "respondHours": 2}
        ],
        "schedule/calendars": [{"id": 1, "name": "Office", **hours, "holidayList": {"id": 9, "name": "US"}}],
        "schedule/holidayLists": [{"id": 9, "name": "US"}],
        "schedule/holidayLists/9/holidays": [
            {"id": 1, "name": "New Year", "date": "2026-01-01", "allDayFlag": True}
        ],
        "system/myCompany/other": [{"id": 1, "defaultCalendar": {"id": 1, "name": "Office"}}],
        "system/members": [
            {
                **ALEX,
                "firstName": "Alex",
                "lastName": "Smith",
                "licenseClass": "F",
                "primaryEmail": "alex@nw.test",
            },
            {**BOT, "firstName": "RMM", "licenseClass": "A"},
        ],
        "company/companies": [{"id": 300, "identifier": "ACME", "name": "Acme Ltd", "deletedFlag": False}],
        "company/contacts": [
            {
                "id": 77,
                "firstName": "Casey",
                "lastName": "Client",
                "company": {"id": 300, "name": "Acme Ltd"},
                "types": [{"id": 1, "name": "End User"}],
                "inactiveFlag": False,
            },
            {
                "id": 78,
                "firstName": "Vera",
                "lastName": "Chief",
                "company": {"id": 300, "name": "Acme Ltd"},
                "types": [{"id": 1, "name": "End User"}, {"id": 2, "name": "VIP"}],
                "inactiveFlag": False,
                "communicationItems": [
                    {"id": 1, "communicationType": "Phone", "value": "555", "defaultFlag": True},
                    {"id": 2, "communicationType": "Email", "value": "v2@acme.test"},
                    {"id": 3, "communicationType": "Email", "value": "Vera@acme.test", "defaultFlag": True},
                ],
                "birthDay": "1970-01-01T00:00:00Z",
            },
        ],
        "finance/agreements": [{"id": 900, "name": "Gold", "company": {"id": 300}, "sla": {"id": 7}}],
        "system/callbacks": [],
    }


def status_of(name: str) -> Row:
    return {"id": STATUSES[name][0], "name": name}
