"""SEE: one self-contained page that reads what is drawn on it and shows how the network learns."""
