"""Where reports come from: definitions, the catalogue that checks them, fetching."""
