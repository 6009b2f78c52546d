"""What the API answers with, as frozen dataclasses; whatever a newer server adds stays readable by its name."""
