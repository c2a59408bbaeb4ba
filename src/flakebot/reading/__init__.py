"""What a log says: lines, rules, causes, and what is recorded of a run. Pure."""
