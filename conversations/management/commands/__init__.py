"""Doors for operators: ``manage.py serve`` and its siblings."""
