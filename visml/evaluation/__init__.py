"""How good a model is on a folder of pictures, beside baselines that know nothing of the picture."""
