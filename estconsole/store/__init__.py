"""The lab's documents on disk: TinyDB over an append-only journal, and the values that are kept in it."""
