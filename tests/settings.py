"""The product's settings, with what makes a suite fast and apart from anybody's data."""

import os
import tempfile

# Before the product reads its environment: no test may meet the developer's own data folder or key.
_data = os.environ.setdefault("BEFOREHAND_DATA", tempfile.mkdtemp(prefix="beforehand-tests-"))

from beforehand.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
