"""What was promised to whom: clients, plans, agreements, coverage, closures; and reading and writing them."""
