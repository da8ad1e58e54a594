"""What an administrator reviews: failures in groups, alarms, and what was done about them."""
