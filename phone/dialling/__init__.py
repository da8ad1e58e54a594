"""What somebody typed or pasted: a number and what is dialled after the answer, or why it is none. Pure.

`static/phone/calls/dialling/` holds the same rules for the page, module by module. Both run the cases in
`tests/dialling/`, so that neither can drift from the other.
"""
