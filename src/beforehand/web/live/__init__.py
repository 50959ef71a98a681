"""Boards and tickets that stay right while they are open: what has changed is sent to every browser that shows it.

lane.py answers a browser and asks Django whether it may listen (grant.py); hub.py, one thread for all, reads anew what
a change can touch; board_view.py and ticket_view.py say what is different; streams.py carry it out.
"""
