"""What waits for a commit, in a test that is one transaction and so never commits."""

from functools import partial

from django.test import TestCase

# A block at whose end the functions run that were to run on commit within it.
committed = partial(TestCase.captureOnCommitCallbacks, execute=True)
