"""The systems compared: each module resolves one Parquet table in a process of its own and says what it took."""
