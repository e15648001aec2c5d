"""BI tools on what is published: each is really started, connected and asked, and its answers compared."""
