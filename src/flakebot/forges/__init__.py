"""GitHub, and the folder in its place: one module for each."""
