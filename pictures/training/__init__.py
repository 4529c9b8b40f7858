"""The kinds of pictures that the finder learns from; none of them judges."""
