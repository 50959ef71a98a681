"""Where tickets come from: one folder per source."""
