"""USE: read digits from pictures with NumPy, Pillow and ONNX Runtime; never torch."""
