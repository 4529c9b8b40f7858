"""A trained network in integers of 8 bits: a C file, an ONNX file and NumPy, equal to the bit."""
