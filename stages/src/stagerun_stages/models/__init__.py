"""Everything about a model that is not training it: loading, adapters and their lineage, merging, exporting."""
