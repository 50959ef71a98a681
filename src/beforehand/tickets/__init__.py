"""Tickets, their events for good, and what their clocks have come to. ledger.py is the only writer."""
