"""Photos: untrusted bytes to pixels, pictures in folders, and the gallery."""
