"""Django's own error pages, without its look at the form for a CSRF token.

A form that cannot be read (of another charset than UTF-8, of too many fields) would raise there once more,
and whoever sent it would get no answer at all but a broken connection. None of the pages has a form.
"""

import inspect

from django.views import defaults

bad_request = inspect.unwrap(defaults.bad_request)
permission_denied = inspect.unwrap(defaults.permission_denied)
page_not_found = inspect.unwrap(defaults.page_not_found)
server_error = inspect.unwrap(defaults.server_error)
