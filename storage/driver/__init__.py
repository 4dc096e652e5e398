"""Speaking to the database past SQLAlchemy's own road: rows as the driver has them, its failures as sentences."""
