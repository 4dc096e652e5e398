"""Every attempt to fetch a source, and what follows from them: how it stands, how often it speaks."""
