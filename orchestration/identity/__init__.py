"""Stage identity: which records are one customer, and which id that customer keeps."""
