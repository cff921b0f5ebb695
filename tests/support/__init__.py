"""What tests stand on: a running site, browsers, servers, locks. Imports the product; the product never imports it."""
