"""What promises, tickets and ticket systems say together that none of them says alone. Reads, and writes nothing."""
