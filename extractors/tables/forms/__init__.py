"""Each form of a table to rows with named columns: CSV, JSON, HTML and Markdown, and dates that run across."""
