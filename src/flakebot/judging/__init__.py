"""What is said of a failure: builds, history, the ladder of verdicts. Pure."""
