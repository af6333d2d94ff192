// Ten rows of drawings, each a button: pressed is one that is kept.

export default function ({ parentElement, data, setTriggerValue }) {
  const grid = parentElement.querySelector(".grid")
  parentElement.querySelector(".hint").textContent = data.hint
  grid.setAttribute("aria-label", data.label)
  const focused = grid.getRootNode().activeElement?.dataset.place
  const labels = data.colours.map((colour, digit) => {
    const label = document.createElement("b")
    label.textContent = digit
    label.ariaHidden = "true" // each drawing's name says it
    label.style.gridArea = `${digit + 1} / 1`
    label.style.setProperty("--colour", colour)
    return label
  })
  const buttons = data.drawings.map(({ row, column, place, image, name, kept, marked }) => {
    const button = document.createElement("button")
    button.type = "button"
    button.dataset.place = place
    button.style.gridArea = `${row + 1} / ${column + 2}`
    button.classList.toggle("marked", marked)
    button.setAttribute("aria-label", name)
    button.setAttribute("aria-pressed", kept)
    const picture = document.createElement("img")
    Object.assign(picture, { src: image, alt: "", width: 28, height: 28 })
    button.append(picture)
    button.onclick = () => setTriggerValue("toggled", place)
    return button
  })
  grid.replaceChildren(...labels, ...buttons)
  grid.querySelector(`[data-place="${focused}"]`)?.focus({ preventScroll: true })
}
