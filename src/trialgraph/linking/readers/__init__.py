"""A reader for each form in which owners give their vocabularies; each yields items of `vocabulary_items`."""
