"""What packages say in German otherwise than the product does, listed for its catalogue to have it.

Of the catalogues Django takes `locale/` first, so that these are to stand outside of every app: allauth comes
before ours among the apps, and its German says "du".
"""

from django.utils.translation import gettext_lazy as _

OF_ALLAUTH = (
    _("Please type your current password."),
    _("You must type the same password each time."),
    _("You must type the same email each time."),
    _("You cannot add more than %d email addresses."),
    _("Your primary email address must be verified."),
    _("You cannot remove your primary email address."),
    _("You cannot remove your primary email address (%(email)s)."),
    _("Please select only one."),
    _("Be patient, you are sending too many requests."),
    _("Your email address is still pending verification."),
    _("You have confirmed %(email)s."),
    _("You have signed out."),
    _("Your password has been changed."),
    _("Your account has no password set up."),
    _("Your account has no verified email address."),
)
