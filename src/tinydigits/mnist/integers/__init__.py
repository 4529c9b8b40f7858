"""A trained network in integers of 8 bits: a C file, an ONNX file and PyTorch, equal to the bit."""
