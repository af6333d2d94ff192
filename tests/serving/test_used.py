"""Which drawings of a browser are in its tray already."""

from mnist_core.serving.used import BROWSERS, EACH, UsedDrawings


def test_a_drawing_is_known_for_its_browser_alone() -> None:
    used = UsedDrawings()
    used.note("mine", 7.0)
    assert used.has("mine", 7.0)
    assert not used.has("mine", 8.0) and not used.has("another", 7.0)


def test_the_newest_are_remembered() -> None:
    used = UsedDrawings()
    for number in range(EACH + 1):
        used.note("mine", float(number))
    assert not used.has("mine", 0.0) and used.has("mine", 1.0)
    for other in range(BROWSERS):
        used.note(f"another {other}", 1.0)
    assert not used.has("mine", float(EACH))


def test_nothing_is_kept_of_a_browser_that_asks_to_be_forgotten() -> None:
    used = UsedDrawings()
    used.note("mine", 7.0)
    used.forget("mine")
    used.forget("never seen")
    assert not used.has("mine", 7.0)
