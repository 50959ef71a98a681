"""Events told in our own words, as JSON: the source of anybody who can send them."""
