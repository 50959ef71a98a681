"""Who must know of a clock that nears its target, then who, and then who; and that they were told."""
