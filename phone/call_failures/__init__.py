"""Every call that failed: counted by account and cause, and alarmed about where it is for us to mend."""
