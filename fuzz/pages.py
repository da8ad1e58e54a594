"""The forms of a page, as a browser would send them: where, and each field with what stands in it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class PageForm:
    action: str
    method: str
    is_multipart: bool
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    # What else a field may be, by its name.
    choices: dict[str, list[str]] = field(default_factory=dict)


class FormReader(HTMLParser):
    """`forms` are those of the page that was fed."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.at: PageForm | None = None
        self.select = ""
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        name, value = told.get("name", ""), told.get("value", "")
        if tag == "form":
            is_multipart = "multipart" in told.get("enctype", "")
            self.at = PageForm(told.get("action", ""), told.get("method", "get").upper(), is_multipart)
            self.forms.append(self.at)
        elif self.at is None:
            return
        elif tag == "input" and name:
            self.take_input(self.at, told.get("type", "text"), name, value, "checked" in told)
        elif tag == "button" and name:
            self.at.choices.setdefault(name, []).append(value)
            self.at.fields.append((name, value))
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            self.at.choices.setdefault(self.select, []).append(value)
            if "selected" in told:
                self.at.fields.append((self.select, value))
        elif tag == "textarea" and name:
            self.area = name
            self.at.fields.append((name, ""))

    def take_input(self, form: PageForm, kind: str, name: str, value: str, is_checked: bool) -> None:
        if kind == "file":
            form.files.append(name)
        elif kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(value or "on")
            if is_checked:
                form.fields.append((name, value or "on"))
        else:
            form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.at = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area and self.at is not None:
            self.at.fields[-1] = (self.area, data)


def read_forms(text: bytes) -> list[PageForm]:
    """Those with a place to go to within the product, and every form of this very page (`action` is "")."""
    reader = FormReader()
    reader.feed(text.decode("utf-8", "replace"))
    return [form for form in reader.forms if form.action.startswith(("/", "?")) or not form.action]
