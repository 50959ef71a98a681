"""A second engine, slow and literal, written from clock.md alone. It shares no code with src: standard library only.

`counting` decides for every step of time whether coverage is open; `story` says what each event of a ticket amounts
to, and `promised` what a metric is held to; `ticking` lets time pass step by step, holding one metric's clock; `read`
is all clocks of a ticket.
"""
