"""The training stages: supervised fine-tuning, preferences, and reinforcement learning, each a LoRA adapter on a base model."""
