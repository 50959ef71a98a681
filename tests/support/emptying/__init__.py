"""Django's `flush` in the tests: an app whose command of that name stands in place of its own."""
