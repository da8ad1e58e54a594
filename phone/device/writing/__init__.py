"""How what pages say comes into the database: many words in one transaction.

`writer.py` gathers words for a few milliseconds, `words.py` writes them, `heartbeats.py` keeps no news;
`page.py` is one open page as this worker knows it. Decision 46.
"""
