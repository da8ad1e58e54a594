"""Twilio's XML: `<TwilioResponse>` around one element, the names in CamelCase.

A list is an element with the envelope as attributes and the resources as children
(Twilio, "Twilio API responses").
"""

from typing import Any
from xml.etree import ElementTree


def write_xml(element: str, body: dict[str, Any]) -> str:
    root = ElementTree.Element("TwilioResponse")
    listed = next((key for key, value in body.items() if is_list_of_resources(value)), None)
    if element.endswith("[]") and listed is not None:
        add_list(root, element.removesuffix("[]"), listed, body)
    else:
        add_value(root, element, body)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def is_list_of_resources(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def add_list(parent: ElementTree.Element, element: str, listed: str, body: dict[str, Any]) -> None:
    envelope = {
        key.replace("_", ""): "" if value is None else str(value)
        for key, value in body.items()
        if key != listed
    }
    child = ElementTree.SubElement(parent, camel(listed), envelope)
    for one in body[listed]:
        add_value(child, element, one)


def add_value(parent: ElementTree.Element, name: str, value: Any) -> None:
    child = ElementTree.SubElement(parent, name)
    match value:
        case dict():
            for key, inner in value.items():
                add_value(child, camel(key), inner)
        case list():
            for inner in value:
                add_value(child, "Item", inner)
        case bool():
            child.text = str(value).lower()
        case None:
            pass
        case _:
            child.text = str(value)


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
