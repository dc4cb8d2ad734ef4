"""No known secret is left in a text, nor a beginning or an end of one, nor the password of an address."""

import pytest

from rolecall.system.text import redaction
from rolecall.system.text.secret import Secret

KNOWN = "".join(chr(ord("X") - number) for number in range(24)) + "0123456789"  # no character twice
SHORT = "9q8w7e6r5t4y3u2i1o0paZs"  # one less than two parts


@pytest.fixture(autouse=True)
def _known() -> tuple[Secret, Secret]:
    return Secret(KNOWN), Secret(SHORT)


@pytest.mark.parametrize("size", [12, 13, 20, len(KNOWN) - 1, len(KNOWN)])
def test_redacted_when_a_text_was_cut_then_no_part_of_a_secret_is_left(size: int) -> None:
    """Its beginning and its end, as long as they go on, and nothing beside them."""
    assert redaction.redacted(f"<{KNOWN[:size]}>") == "<[removed]>"
    assert redaction.redacted(f"<{KNOWN[-size:]}>") == "<[removed]>"
    assert redaction.redacted(KNOWN[:size]) == redaction.redacted(KNOWN[-size:]) == "[removed]"


def test_redacted_when_two_parts_of_a_secret_are_there_then_both_go() -> None:
    """Each is looked for until none is left."""
    text = f"{KNOWN[:15]} {KNOWN[:14]}, {KNOWN[-15:]} {KNOWN[-14:]}"
    assert redaction.redacted(text) == "[removed] [removed], [removed] [removed]"


def test_redacted_when_a_part_is_shorter_than_what_tells_a_secret_then_it_stays() -> None:
    """Eleven characters may be a word; a secret of less than two such parts is removed whole only."""
    assert redaction.redacted(KNOWN[:11]) == KNOWN[:11]
    assert redaction.redacted(KNOWN[-11:]) == KNOWN[-11:]
    assert redaction.redacted(SHORT[:-1]) == SHORT[:-1]
    assert redaction.redacted(f"<{SHORT}>") == "<[removed]>"
    two_parts = Secret("Zk9-two-parts-of-twelve!")
    assert redaction.redacted(f"<{two_parts.reveal()[:12]}>") == "<[removed]>"


def test_redacted_when_a_secret_has_eight_characters_then_it_goes_and_one_of_seven_stays() -> None:
    """A shorter one would blank half of a text, and protects nothing."""
    eight, seven = Secret("Q#eight!"), Secret("Q#seven")
    assert redaction.redacted(f"{eight.reveal()} {seven.reveal()}") == "[removed] Q#seven"


def test_redacted_when_one_secret_is_a_part_of_another_then_the_longer_goes_whole() -> None:
    """Nothing of the longer one stays behind the shorter."""
    shorter = Secret("one-that-begins")
    longer = Secret(f"{shorter.reveal()}-another-too")
    around = Secret(f"a:{longer.reveal()}:b")
    for one in (shorter, longer, around):
        assert redaction.redacted(f"<{one.reveal()}>") == "<[removed]>"


def test_redacted_when_a_key_id_or_a_password_is_shown_then_four_characters_or_none() -> None:
    """Key ids of persons and of sessions; an address keeps its host."""
    assert redaction.redacted("AKIA1111222233334444") == "…4444"
    assert redaction.redacted("ASIA1111222233334444") == "…4444"
    assert redaction.redacted("https://me:word@host.test/a") == "https://host.test/a"


def test_without_shapes_when_a_text_is_long_enough_to_be_a_secret_then_it_goes() -> None:
    """Forty characters of base64; thirty-nine stay."""
    assert redaction.without_shapes(f"<{'a/+=' * 10}>") == "<[removed]>"
    assert redaction.without_shapes("b" * 39) == "b" * 39


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<SecretAccessKey>abc</SecretAccessKey>", "<SecretAccessKey>[removed]</SecretAccessKey>"),
        ('{"sessionToken": "abc", "a": "b"}', '{"sessionToken": "[removed]", "a": "b"}'),
        ("secret_access_key = abc end", "secret_access_key = [removed] end"),
        ("security-token: abc end", "security-token: [removed] end"),
    ],
)
def test_without_fields_when_an_answer_has_keys_then_their_values_go(text: str, left: str) -> None:
    """In XML, in JSON, and in a line of a file."""
    assert redaction.without_fields(text) == left


def test_cleaned_when_a_text_steers_then_it_is_written_out_but_for_what_is_kept() -> None:
    """ASCII is no assurance, and a line end may stay."""
    assert redaction.cleaned("a\x1bb\nc") == "a<U+001B>b<U+000A>c"
    assert redaction.cleaned("é\nc", kept="\n") == "é\nc"
    assert redaction.cleaned("é\u3164") == "é<U+3164>"
    assert redaction.shown(f"{KNOWN}\x1b\n", kept="\n") == "[removed]<U+001B>\n"
