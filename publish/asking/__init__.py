"""A question in words, and the figure that it speaks of; without a language model."""
