"""Changes into words: text, HTML, feeds, exports, alerts."""
