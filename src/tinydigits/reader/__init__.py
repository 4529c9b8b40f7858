"""USE: read digits from pictures with NumPy, Pillow, SciPy and ONNX Runtime; never torch."""
