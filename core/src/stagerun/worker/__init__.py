"""The process a stage runs in. It needs only `stagerun` and the stage's own distribution in its interpreter."""
