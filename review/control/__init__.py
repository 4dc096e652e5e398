"""The room of the sources: all of them at a glance, following a page, changing one, and the first visit."""
