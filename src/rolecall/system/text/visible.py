"""Text of others as a person can trust it on a terminal: what is not to be seen is written out.

A file may hold what moves the cursor, hides a line, or turns the direction of the text after it.
"""

# Letters and marks that show nothing (Unicode, Default_Ignorable_Code_Point); Python calls them printable.
BLANK = frozenset((0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10)))
FIRST_SELECTOR, LAST_SELECTOR = 0xE0100, 0xE01EF


def visible(text: str) -> str:
    """Return `text` with `<U+001B>` for each character that shows nothing, or steers; tabs stay."""
    return "".join(f"<U+{ord(char):04X}>" if _is_hidden(char) else char for char in text)


def _is_hidden(char: str) -> bool:
    code = ord(char)
    if char == "\t":
        return False
    return not char.isprintable() or code in BLANK or FIRST_SELECTOR <= code <= LAST_SELECTOR
