"""Hardware backends: what is here and how to use it. Nothing is imported here; none of them imports torch to look."""
