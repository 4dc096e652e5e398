"""How a publisher is asked, and the rows that every attempt leaves."""
