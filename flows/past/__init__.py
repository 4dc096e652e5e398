"""Reports of the past: old copies recorded late, archived releases read again, and times that lie ahead."""
