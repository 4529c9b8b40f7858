"""The ground floor of all rooms: image files decoded, and one digit as MNIST has it."""
