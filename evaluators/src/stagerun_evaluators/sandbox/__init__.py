"""The tiers of isolation, strongest first: `namespaces`, `landlock`, `limits`, `none`; and how one is chosen by trying.

A tier lives in a keeper, a process that holds no secrets and imports nothing but the standard library; `choosing` and `probing`
are the judge's side and may import `stagerun`.
"""
