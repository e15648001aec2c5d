"""Stage serving: the marts, and nothing else, where BI reads them; replaced whole, never half."""
