"""JUDGE: when a model is right, when it isn't, and when it knows; arrays in, dataclasses out."""
