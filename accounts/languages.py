"""In which language somebody is spoken to: by pages, on the socket, in letters.

A person's own choice goes first (`User.language`). Who has made none is spoken to as their browser asks for
(`Accept-Language`, RFC 9110, section 12.5.4); where no browser is asking, in a letter or in what a page is
told of its own accord, in the language that a browser of theirs asked for last.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_only_middleware
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from accounts.people import User

GetResponse = Callable[[HttpRequest], HttpResponseBase]


@sync_only_middleware
def speak(get_response: GetResponse) -> GetResponse:
    """Answers every request in the language of whoever asks."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        request.LANGUAGE_CODE = find_language(request)
        with translation.override(request.LANGUAGE_CODE):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        patch_vary_headers(response, ("Accept-Language",))
        return response

    return answer


def find_language(request: HttpRequest) -> str:
    """Of `request`: what its person has chosen, else what its browser asks for."""
    asked = read_asked(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
    person = find_person(request)
    return choose_language(person, asked) if person else asked or settings.LANGUAGE_CODE


def find_person(request: HttpRequest) -> User | None:
    """Who asks; None where that is nobody, and where the database cannot tell.

    Whatever needs no database is answered without it: what the service worker keeps, and whether all is well.
    """
    # Who has no session is nobody, and need not be looked for.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path_info in settings.HEALTH_PATHS:
        return None
    try:
        return request.user if isinstance(request.user, User) else None
    except Error:
        return None


def choose_language(person: User, asked: str = "") -> str:
    """For `person`, on a browser that asks for `asked`; "" where no browser asks."""
    for language in (person.language, asked, person.last_language):
        if language in dict(settings.LANGUAGES):
            return language
    return str(settings.LANGUAGE_CODE)


def read_asked(accept_language: str) -> str:
    """The first of the product's languages that an `Accept-Language` names; "" where it names none of them.

    English is named by a browser of Ireland as `en-IE`, German by one of Austria as `de-AT`.
    """
    for language, quality in parse_accept_lang_header(accept_language):
        with suppress(LookupError):
            if quality > 0:
                return get_supported_language_variant(language)
    return ""


@contextmanager
def speaking_to(person: User) -> Iterator[None]:
    """For what is said to `person` while no browser of theirs is asking: a letter, a word on the socket."""
    with translation.override(choose_language(person)):
        yield


@contextmanager
def writing_to(person: User | None) -> Iterator[None]:
    """For a letter that somebody at a browser asks for, perhaps not the one who gets it.

    It is in the language of `person`, as far as that is known; of a stranger only the browser tells anything.
    """
    if person is None or not (person.language or person.last_language):
        yield
        return
    with speaking_to(person):
        yield


@contextmanager
def speaking_to_browser(request: HttpRequest) -> Iterator[None]:
    """For what is answered where nobody can look who is asking, because the database is away."""
    known = getattr(request, "LANGUAGE_CODE", "")
    asked = read_asked(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
    with translation.override(known or asked or settings.LANGUAGE_CODE):
        yield


def note_language(person: User, request: HttpRequest | None) -> None:
    """Keeps in which language `person` signs in."""
    if request is not None:
        keep_languages([(person, read_asked(request.META.get("HTTP_ACCEPT_LANGUAGE", "")))])


def keep_languages(asked: Iterable[tuple[User, str]]) -> None:
    """Keeps which language a browser of each person asked for last; "" says nothing. Mostly it is known."""
    changed: dict[str, list[User]] = {}
    for person, language in asked:
        if language and language != person.last_language:
            person.last_language = language
            changed.setdefault(language, []).append(person)
    for language, people in changed.items():
        User.objects.filter(pk__in=[person.pk for person in people]).update(last_language=language)
