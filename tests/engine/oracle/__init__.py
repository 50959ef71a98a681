"""A second engine, slow and literal, written from clock.md alone. It shares no code with src: standard library only.

`counting` decides for every step of time whether coverage is open; `days` does the same day by day for long spans;
`story` says what each event of a ticket amounts to; `ticking` steps through time holding one metric's clock.
"""
