"""A classifier and a lesson -> another classifier, or a refusal with its reason."""
