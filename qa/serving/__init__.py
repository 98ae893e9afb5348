"""The ways in: who may come in, the server, and what programs call."""
