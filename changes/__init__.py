"""What a release means: compared with what is accepted, given its kinds, checked and marked. Pure: writes nothing."""
