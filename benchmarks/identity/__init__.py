"""Identity resolution beside plain Splink and GoldenMatch: accuracy on public sets, seconds and memory by size.

`python -m benchmarks.identity` compares on the sets, `python -m benchmarks.identity.scale` on generated records.
What is measured and how is in docs/identity-quality.md.
"""
