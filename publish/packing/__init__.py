"""Evidence packs: what proves an update, or a figure, in a folder with nothing but Python."""
