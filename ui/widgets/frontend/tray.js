// The drawings that wait for a lesson, in order, each a button that picks it. A button stays the same one from run to
// run, or a tap would be lost when the page is renewed between finger down and up.

export default function ({ parentElement, data, setTriggerValue }) {
  const tray = parentElement.querySelector(".tray")
  tray.setAttribute("aria-label", data.label)
  tray.dataset.empty = data.empty
  const before = tray.children.length
  const there = new Map([...tray.children].map((item) => [item.dataset.id, item]))
  const items = data.drawings.map((drawing) => {
    const item = there.get(String(drawing.id)) ?? newItem(drawing.id)
    there.delete(String(drawing.id))
    show(item.firstChild, drawing)
    item.firstChild.onclick = () => setTriggerValue("picked", drawing.id)
    return item
  })
  for (const gone of there.values()) gone.remove()
  for (const [place, item] of items.entries()) {
    if (tray.children[place] !== item) tray.insertBefore(item, tray.children[place] ?? null)
  }
  if (tray.children.length > before) tray.scrollLeft = tray.scrollWidth
}

function newItem(id) {
  const item = document.createElement("li")
  item.dataset.id = id
  item.innerHTML = `<button type="button"><img alt="" width="28" height="28"><span></span></button>`
  return item
}

function show(button, { image, digit, colour, name, picked }) {
  button.setAttribute("aria-label", name)
  button.setAttribute("aria-pressed", picked)
  button.style.setProperty("--colour", colour)
  button.firstChild.src = image
  button.lastChild.textContent = digit ?? "?"
}
