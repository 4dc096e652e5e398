"""The review page; it comes with a later release."""
