"""What people note of series: rows that are added, taken back by another row, and never changed."""
