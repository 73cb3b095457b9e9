"""The prompt book, spoken numbers, synthesis and its cache."""
