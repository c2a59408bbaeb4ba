"""Hugging Face: which addresses a log names, and asking for them again."""
