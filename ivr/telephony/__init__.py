"""Asterisk: ARI for calls, AMI for queue events, the rendered configuration."""
