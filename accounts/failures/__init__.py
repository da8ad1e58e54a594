"""Every login that failed: recorded, grouped, and alarmed about."""
