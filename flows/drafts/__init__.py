"""How a source comes in: a page looked at, a definition drafted, written and tried."""
