"""Somebody at Firefox or WebKit: WebDriver's own search does not enter shadow roots, where our components are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.common.exceptions import ElementClickInterceptedException, StaleElementReferenceException
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from harness.hand import Strokes
from harness.processes import wait_until

PATIENCE_S = 60
OFTEN_S = 0.2  # the search goes through the whole page, in an engine that has no time for the page meanwhile
SHEET = "[data-testid=canvas]"

FIND = """
const [selector, text] = arguments
const all = (root) => [...root.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])])
return all(document).filter((e) => e.matches(selector) && (text === null || e.textContent.trim() === text))
"""

FRAME = """
arguments[0].scrollIntoView({ block: "center" })
const { x, y, width, height } = arguments[0].getBoundingClientRect()
return [x, y, width, height]
"""

# WebKitGTK's driver makes a mouse of a finger. The mouse's pointer, 1, is the one that may be captured.
FINGER = """
const [sheet, strokes] = arguments
const send = (type, [clientX, clientY], buttons) =>
  sheet.dispatchEvent(new PointerEvent(type, {
    pointerId: 1, pointerType: "touch", isPrimary: true, button: 0, buttons, clientX, clientY, bubbles: true,
  }))
for (const stroke of strokes) {
  send("pointerdown", stroke[0], 1)
  for (const point of stroke) send("pointermove", point, 1)
  send("pointerup", stroke.at(-1), 0)
}
"""


class Person:
    """What a person does and sees, by CSS selector and, where given, the whole text of the element."""

    def __init__(self, driver: WebDriver, url: str) -> None:
        self.driver, self.url = driver, url
        self.engine = driver.capabilities["browserName"]

    def open(self, path: str = "") -> None:
        self.driver.get(f"{self.url}/{path}")
        self.see("h1")

    def find(self, selector: str, text: str | None = None) -> list[WebElement]:
        found: list[WebElement] = self.driver.execute_script(FIND, selector, text)
        return found

    def see(self, selector: str, text: str | None = None, *, count: int | None = None) -> None:
        """Wait until there is such an element, or exactly `count` of them."""

        def shown() -> bool:
            found = len(self.find(selector, text))
            return found > 0 if count is None else found == count

        what = f"{self.engine}: {selector} {text or ''} {'' if count is None else count}"
        wait_until(shown, PATIENCE_S, what, OFTEN_S)

    def do(self, selector: str, text: str | None, action: Callable[[WebElement], None]) -> None:
        """Do this to the first such element, as soon as it is there and stays where it is."""

        def done() -> bool:
            try:
                action(self.find(selector, text)[0])
            except (IndexError, StaleElementReferenceException, ElementClickInterceptedException):
                return False
            return True

        wait_until(done, PATIENCE_S, f"{self.engine}: {selector} {text or ''}", OFTEN_S)

    def press(self, selector: str, text: str | None = None) -> None:
        self.do(selector, text, lambda element: element.click())

    def give(self, selector: str, file: Path) -> None:
        """Choose a file where the page asks for one."""
        self.do(selector, None, lambda element: element.send_keys(str(file)))

    def frame_of_the_sheet(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of what one draws on, in pixels of the page, once all of it is in sight."""
        self.see(SHEET)
        left, top, width, height = self.driver.execute_script(FRAME, self.find(SHEET)[0])
        return left, top, width, height

    def draw(self, strokes: Strokes, *, left: float = 0, width: float = 1, finger: bool = False) -> None:
        """Draw in the share [left, left + width] of the sheet, with the mouse or a finger."""
        x0, y0, full, height = self.frame_of_the_sheet()
        side = full * width
        x0, y0 = x0 + full * left, y0 + (height - side) / 2
        placed = [[(round(x0 + x * side), round(y0 + y * side)) for x, y in stroke] for stroke in strokes]
        if finger and self.engine == "MiniBrowser":
            self.driver.execute_script(FINGER, self.find(SHEET)[0], placed)
        else:
            self._move("touch" if finger else "mouse", placed)

    def _move(self, kind: str, strokes: list[list[tuple[int, int]]]) -> None:
        actions = ActionBuilder(self.driver, mouse=PointerInput(kind, kind), duration=0)
        for first, *rest in strokes:
            actions.pointer_action.move_to_location(*first).pointer_down()
            for to in rest:
                actions.pointer_action.move_to_location(*to)
            actions.pointer_action.pointer_up()
        actions.perform()

    def reads(self, digits: str) -> None:
        self.see("[data-testid=digit]", digits)

    def holds(self, drawings: int) -> None:
        self.see("[data-testid=tray] img", count=drawings)

    def resize(self, width: int, height: int) -> None:
        """Make the page so large; WebKit's window stays as wide as its own buttons, 447 pixels."""
        if self.engine == "MiniBrowser":
            self.driver.set_window_size(width, height)
        else:
            size = {"width": width, "height": height}
            self.driver.browsing_context.set_viewport(context=self.driver.current_window_handle, viewport=size)

    def script(self, expression: str) -> Any:
        return self.driver.execute_script(f"return {expression}")
