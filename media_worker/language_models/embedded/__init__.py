"""The language model that needs nothing, and is none: it finds, fills in and says."""
