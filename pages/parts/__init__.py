"""Parts of the pages, one folder per step or concern."""
