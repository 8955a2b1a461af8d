"""Training with MLX: `train.sft` on Apple silicon, and on Linux CPUs. Nothing heavy is imported before it must be."""
