"""Answers as objects: what is asked of the model, how its answer is read, and asking again where it does not fit."""
