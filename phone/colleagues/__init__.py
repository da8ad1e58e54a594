"""Who else uses an account, and how they are just now: free, in a call, not to be disturbed, away."""
