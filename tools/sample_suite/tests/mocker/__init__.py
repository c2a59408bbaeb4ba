"""Toy tests with the tree and the names of dynamo's."""
