// The drawings that wait for a lesson, in order, each a button that picks it.

export default function ({ parentElement, data, setTriggerValue }) {
  const tray = parentElement.querySelector(".tray")
  tray.setAttribute("aria-label", data.label)
  tray.dataset.empty = data.empty
  const before = tray.children.length
  const focused = tray.getRootNode().activeElement?.dataset.id
  tray.replaceChildren(
    ...data.drawings.map(({ id, image, digit, colour, name, picked }) => {
      const item = document.createElement("li")
      const button = document.createElement("button")
      button.type = "button"
      button.dataset.id = id
      button.setAttribute("aria-label", name)
      button.setAttribute("aria-pressed", picked)
      button.style.setProperty("--colour", colour)
      const picture = document.createElement("img")
      Object.assign(picture, { src: image, alt: "", width: 28, height: 28 })
      const label = document.createElement("span")
      label.textContent = digit ?? "?"
      button.append(picture, label)
      button.onclick = () => setTriggerValue("picked", id)
      item.append(button)
      return item
    }),
  )
  tray.querySelector(`[data-id="${focused}"]`)?.focus({ preventScroll: true })
  if (tray.children.length > before) tray.scrollLeft = tray.scrollWidth
}
