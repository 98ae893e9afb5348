"""Tests, by the module that they test."""
