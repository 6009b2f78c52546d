"""What an agent may look up while it talks: the passages of a knowledge base, searched by words."""
