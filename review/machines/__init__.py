"""What machines ask of the page."""
