// One row of digits to tap. Which one is marked is what the server says, since a tap may also do something at once.

const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }

const rows = new WeakMap()

export default function ({ parentElement, data, setTriggerValue }) {
  if (!rows.has(parentElement)) rows.set(parentElement, new Row(parentElement))
  const row = rows.get(parentElement)
  row.send = setTriggerValue
  row.update(data)
  const turn = (row.turn = {}) // Streamlit may end a call after the next one has begun: that end is not the component's
  return () => {
    if (row.turn !== turn) return
    row.closing.abort()
    rows.delete(parentElement)
  }
}

class Row {
  constructor(root) {
    this.label = root.querySelector("p")
    this.group = root.querySelector(".digits")
    if (!this.group.children.length) this.group.append(...Array.from({ length: 10 }, (_, digit) => newButton(digit)))
    this.buttons = [...this.group.children] // which stay where the component is begun anew
    for (const [digit, button] of this.buttons.entries()) button.onclick = () => this.tap(digit)
    this.closing = new AbortController()
    const on = (target, type, action) => target.addEventListener(type, action, { signal: this.closing.signal })
    on(this.group, "focusin", (event) => this.reach(event.target))
    on(this.group, "keydown", (event) => this.step(event))
    on(document, "early-answer", (event) => this.answered(event.detail))
  }

  tap(digit) {
    const chosen = digit === this.chosen ? null : digit
    this.send("chosen", { row: this.row, digit: chosen, pressed: Date.now() })
  }

  update(data) {
    if (data.page !== this.ofThePage?.page) this.answeredAt = 0
    this.ofThePage = data
    this.paint()
  }

  // The question is about what is on the sheet as soon as that is answered, until the sheet is empty again.
  answered(answer) {
    this.answeredAt = answer?.at ?? 0
    this.paint()
  }

  paint() {
    const { early, heard } = this.ofThePage
    const isEarly = early && this.answeredAt > heard // else the page has heard of that
    this.show(isEarly ? { row: early[0], label: early[1], chosen: null } : this.ofThePage)
  }

  show({ label, row, chosen }) {
    this.row = this.group.dataset.row = row
    this.chosen = chosen
    this.label.textContent = label
    for (const [digit, button] of this.buttons.entries()) button.setAttribute("aria-checked", digit === chosen)
    if (!this.group.matches(":focus-within")) this.reach(this.buttons[chosen ?? 0])
  }

  // One stop for the Tab key.
  reach(button) {
    for (const other of this.buttons) other.tabIndex = other === button ? 0 : -1
  }

  step(event) {
    const step = STEPS[event.key]
    if (!step) return
    event.preventDefault()
    this.buttons[(this.buttons.indexOf(event.target) + step + 10) % 10].focus()
  }
}

function newButton(digit) {
  const button = document.createElement("button")
  button.type = "button"
  button.setAttribute("role", "radio")
  button.textContent = digit
  return button
}
