"""Tags of our templates: values that no view should have to pass. Imports presentation, never a door."""
