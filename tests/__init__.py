"""The promises, as tests. Fakes stand at seams only: providers are real HTTP servers, pages run in a real browser."""
