"""What happened, for those who look into it: timelines, the overview, the support report."""
