"""Bytes or text to figures; pure: no network, no clock, no database."""
