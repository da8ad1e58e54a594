"""What is run by `make`, or by hand, and not by the product."""
