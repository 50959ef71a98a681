"""Beforehand: every ticket against what its client was promised."""
