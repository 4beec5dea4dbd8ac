"""The model card: Markdown made of what the stages wrote, and of nothing else."""
