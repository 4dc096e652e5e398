"""Tables of every form: CSV, JSON, HTML and Markdown tables to rows, and cells to numbers and days."""
