"""Commands that note something beside the figures."""
