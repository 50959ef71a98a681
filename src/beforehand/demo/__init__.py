"""A simulated MSP, for a first look: invented clients and people, and a year of their tickets."""
