"""The whole of an installation in one file, the same for both databases, and back again."""
