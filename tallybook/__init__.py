"""Tallybook for analysts."""
