"""The provider and its people."""
