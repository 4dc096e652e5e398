"""What people note of series, as it is told beside the figures."""
