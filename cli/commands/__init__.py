"""Each command in a module of its name; what is called together stands together."""
