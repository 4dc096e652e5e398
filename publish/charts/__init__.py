"""Charts of a series: what was known at a time, drawn as SVG and PNG, and as a table."""
