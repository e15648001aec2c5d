"""Grading: results against what really happened. Only this folder may read a truth, where there is one."""
