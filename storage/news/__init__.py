"""What facts, completeness and the record of a publisher are computed from."""
