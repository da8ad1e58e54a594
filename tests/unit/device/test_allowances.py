"""How much a socket may send at once."""

import pytest

from phone.device.allowances import Allowance


def test_an_allowance_empties_and_refills(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    allowance = Allowance(burst=2, per_second=0.5)
    assert [allowance.take() for _ in range(3)] == [True, True, False]
    now += 2
    assert [allowance.take() for _ in range(2)] == [True, False]
    now += 1000
    assert [allowance.take() for _ in range(3)] == [True, True, False]
