import re
from html import escape
from pathlib import Path

FIELD = re.compile(r"{{\s*(\w+)\s*}}")
LOOP = re.compile(r"{% for (\w+) %}(.*?){% end %}", re.DOTALL)


def fill(text: str, values: dict) -> str:
    text = LOOP.sub(
        lambda found: "".join(fill(found[2], {**values, **item}) for item in values[found[1]]), text
    )
    return FIELD.sub(lambda found: escape(str(values[found[1]])), text)


def render(template: str, /, **values) -> str:
    """Templates lie in the folder where the program was started."""
    return fill(Path("templates", template).read_text("utf-8"), values)
