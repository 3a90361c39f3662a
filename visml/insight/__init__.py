"""Questions asked of a photo in a network: what happens when something is changed, and what a color hangs on."""
