"""Web pages: their visible text, the article in it, their elements, and what stands where."""
