"""How well a classifier reads labelled drawings, whoever's they are."""
