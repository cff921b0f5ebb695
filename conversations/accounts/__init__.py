"""Policy for django-allauth: who may sign up, and where e-mails point. Imports models and settings."""
