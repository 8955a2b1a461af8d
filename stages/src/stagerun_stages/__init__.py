"""The stages that ship with stagerun. A stage's class module is light; the libraries it needs load when it runs."""
