"""Commands that reach into the past: old copies, archived bytes read again, and times that lay ahead."""
