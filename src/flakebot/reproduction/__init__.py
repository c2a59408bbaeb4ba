"""The numbers of `flakebot reproduce`: what iterations came to, and what follows. Pure."""
