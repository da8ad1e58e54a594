"""Who is rung by a call from outside, for how long, when, and what becomes of a call that nobody takes."""
