"""What a network does with one photo: recorded, summarized, drawn as one picture, kept."""
