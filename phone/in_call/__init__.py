"""What is done to a call while it goes on (hold, a second call, leaving, ending), and what its pages see."""
