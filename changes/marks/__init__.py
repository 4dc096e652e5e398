"""What an update marks of series: where a count begins anew, which rows moved, which items of a list ended."""
