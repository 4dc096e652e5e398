"""Finding figures, series and sources in a reader's own words."""
