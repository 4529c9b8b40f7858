"""LEARN: back propagation, by hand and by an engine; NumPy only."""
