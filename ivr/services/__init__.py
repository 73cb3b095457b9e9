"""What a flow may ask of the company: the catalogue, the company's systems, and a sample back office."""
