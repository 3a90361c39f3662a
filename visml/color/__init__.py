"""Color: RGB and Lab on tensors, and the 313 bins of the ab plane."""
