"""Drafts of agreements out of what a source is set to."""
