"""TRAIN: the 17,466-parameter network on real digits, in PyTorch."""
