"""From fetched bytes to what they say, in processes that may use only so much time and memory."""
