"""The JSON API: the door for programs."""
