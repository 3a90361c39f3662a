"""Training: a recipe and a folder of pictures to a checkpoint folder."""
