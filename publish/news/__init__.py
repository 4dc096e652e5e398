"""What the news in a number is, how complete the newest is, and a publisher's record, as they are told."""
