"""The portal's pages in every state that matters, as scenes: for pictures, for axe, and for whoever wants to look."""
