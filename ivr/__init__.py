"""Devam: an IVR and voice self-service server for telco hotlines, on Asterisk."""
