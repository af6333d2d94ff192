"""A drawing or a picture -> the digit it is, by the base model and what it was taught."""
