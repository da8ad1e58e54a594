"""Twilio's REST APIs: the host asked for, the gates in Twilio's order, the resources."""
