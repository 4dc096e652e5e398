"""Articles that were printed and are watched: their texts, their numbers, and what became of these."""
