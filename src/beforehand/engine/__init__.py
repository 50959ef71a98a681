"""The heart: reading clocks. Pure functions over integers; no Django, no I/O, no wall clock (clock.md 1.1)."""
