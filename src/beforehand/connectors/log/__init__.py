"""Logs of tickets as files: CSV, told apart by a small mapping file that says which column is what."""
