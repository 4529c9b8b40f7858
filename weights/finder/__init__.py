"""The finder: its network, what it learns from drawn crops, and the file it ships as."""
