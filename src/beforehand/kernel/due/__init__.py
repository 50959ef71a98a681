"""Everything that must happen later is a row with the instant at which it is due; workers take those that are."""
