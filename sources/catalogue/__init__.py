"""What definitions say: YAML to a checked Source, each folder of them, and the reference made from the model."""
