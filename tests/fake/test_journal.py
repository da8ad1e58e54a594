"""What was asked, as tests and the control room read it."""

from fake_twilio.journal import Entry, Journal


def test_a_request_that_was_under_way_when_the_journal_was_emptied_is_of_the_time_before() -> None:
    journal = Journal()
    begun_before = journal.volume
    journal.clear()
    journal.add(Entry("GET", "api.twilio.com", "/late", ""), begun_before)
    journal.add(Entry("GET", "api.twilio.com", "/new", ""), journal.volume)
    assert [entry.path for entry in journal.entries] == ["/new"]
