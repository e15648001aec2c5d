"""The demo company: source systems to pull from, filled with a real year of purchases and a simulated rest.

What is simulated, on top of The Complete Journey, and how the systems serve it belongs here; nothing that the
pipeline itself needs does. The truth it writes is for the grading only. Read in this order: `journey` (real
data), `people`, `contacts`, `behaviour`, `world` (all of it together), `systems` (running).
"""
