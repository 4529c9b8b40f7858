"""C of our own for training on a CPU; `fused.py` is the door to it."""
