"""SPREAD: many seeds, searches and millions of pictures, by local processes or on Ray.

On one machine processes are enough and stay the default. Only this room imports Ray.
"""
