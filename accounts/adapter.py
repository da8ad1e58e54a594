"""Where allauth asks Dog n Bone how to treat people."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Signing up and in."""
