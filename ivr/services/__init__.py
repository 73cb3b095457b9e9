"""What a flow may ask of the company: the catalogue, the HTTP client, and a sample back office."""
