"""The checks between comparing and believing."""
