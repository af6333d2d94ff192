// A photograph with what was found in it. A tap picks the digit or the line that is nearest; a drag cuts out a part, and
// so does a frame that the arrow keys move.

const FAR = 24 // pixels by which a tap may miss
const DRAG = 8 // pixels from which on it is no tap
const STEP = 0.025 // of the picture's sides, by which an arrow key moves the frame, and
const LEAST = 0.1 // which is at least this large
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }

const photos = new WeakMap()

export default function ({ parentElement, data, setTriggerValue }) {
  if (!photos.has(parentElement)) photos.set(parentElement, new Photo(parentElement))
  const photo = photos.get(parentElement)
  photo.update(data, setTriggerValue)
  const turn = (photo.turn = {}) // Streamlit may end a call after the next one has begun: that end is not the component's
  return () => photo.turn === turn && photos.delete(parentElement)
}

class Photo {
  constructor(root) {
    const find = (selector) => root.querySelector(selector)
    this.root = find(".photo")
    this.frame = find(".frame")
    this.picture = find(".picture")
    this.leftOut = find(".left_out")
    this.spots = find(".spots")
    this.crop = find(".crop")
    this.hint = find(".hint")
    this.whole = find("[name=whole]")
    this.cut = find("[name=cut]")
    this.clear = find("[name=clear]")
    this.start = null // where a finger went down
    this.part = null // what the keys' frame is around, as shares of the sides
    this.frame.onpointerdown = (event) => this.down(event)
    this.frame.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }) // as on the sheet
    this.frame.onpointermove = (event) => this.move(event)
    this.frame.onpointerup = (event) => this.up(event)
    this.frame.onpointercancel = () => this.end()
    this.frame.onlostpointercapture = (event) => this.up(event) // the pointer has left, and nothing else may say so
    this.frame.onpointerleave = () => this.aim(null)
    this.crop.onkeydown = (event) => this.key(event)
    this.crop.onblur = () => this.end()
    this.cut.onclick = () => this.showFrame()
    this.whole.onclick = () => this.tell("whole")
    this.clear.onclick = () => this.tell("cleared")
  }

  update(data, send) {
    this.data = data
    this.send = send
    this.root.style.setProperty("--aspect", data.aspect)
    if (this.picture.src !== data.picture) this.picture.src = data.picture
    this.picture.alt = data.labels.photo
    this.leftOut.hidden = !data.left_out
    if (data.left_out) this.leftOut.src = data.left_out
    this.spots.setAttribute("aria-label", data.labels.photo)
    this.crop.setAttribute("aria-label", data.labels.cut)
    this.hint.textContent = data.labels[this.part ? "keys" : "hint"]
    this.whole.disabled = !data.cut
    for (const button of [this.cut, this.whole, this.clear]) {
      button.title = data.labels[button.name]
      button.setAttribute("aria-label", data.labels[button.name])
    }
    const focused = this.spots.getRootNode().activeElement?.dataset.spot
    this.spots.replaceChildren(...data.spots.map((spot) => this.button(spot)))
    this.spots.querySelector(`[data-spot="${focused}"]`)?.focus({ preventScroll: true })
  }

  button(spot) {
    const button = document.createElement("button")
    button.type = "button"
    button.dataset.spot = `${spot.kind}${spot.place}`
    const classes = { doubted: spot.doubted, done: spot.done, low: spot.low, indented: spot.left > 6 }
    button.className = [spot.kind, ...Object.keys(classes).filter((name) => classes[name])].join(" ")
    button.setAttribute("aria-label", spot.name)
    button.setAttribute("aria-pressed", spot.pressed)
    const { left, top, width, height } = spot
    Object.assign(button.style, { left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%` })
    button.style.setProperty("--colour", spot.colour)
    const tag = document.createElement("span")
    tag.textContent = spot.text
    button.append(tag)
    button.onclick = () => this.pick(spot) // of a keyboard: fingers and mice go through to the frame
    return button
  }

  pick({ kind, place }) {
    this.tell("picked", { kind, place })
  }

  tell(what, more = {}) {
    this.send(what, { at: this.data.at, ...more })
  }

  // Where an event is on the picture: in pixels, and as shares of its sides.
  point(event) {
    const frame = this.frame.getBoundingClientRect()
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top]
    const share = (value) => Math.min(Math.max(value, 0), 1)
    return { x, y, across: share(x / frame.width), down: share(y / frame.height) }
  }

  down(event) {
    if (event.button !== 0 || !event.isPrimary) return
    event.preventDefault()
    this.frame.setPointerCapture(event.pointerId)
    this.start = this.point(event)
  }

  move(event) {
    const here = this.point(event)
    if (this.start && !event.buttons) this.end()
    if (!this.start) return this.aim(this.nearest(here))
    if (!this.dragged(here)) return
    this.showCrop(between(this.start, here))
  }

  showCrop({ left, top, right, bottom }) {
    const percent = (value) => `${100 * value}%`
    Object.assign(this.crop.style, {
      left: percent(left), top: percent(top), width: percent(right - left), height: percent(bottom - top),
    })
    this.crop.hidden = false
  }

  // The way of a keyboard: a frame in the middle.
  showFrame() {
    this.part = { left: 0.25, top: 0.25, right: 0.75, bottom: 0.75 }
    this.cut.setAttribute("aria-pressed", true)
    this.hint.textContent = this.data.labels.keys
    this.showCrop(this.part)
    this.crop.focus({ preventScroll: true })
  }

  key(event) {
    const arrow = ARROWS[event.key]
    if (arrow) {
      this.part = event.shiftKey ? sized(this.part, arrow) : moved(this.part, arrow)
      this.showCrop(this.part)
    } else if (event.key === "Enter") {
      this.tell("cropped", this.part)
      this.cut.focus()
    } else if (event.key === "Escape") {
      this.cut.focus() // and so the frame is left
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  up(event) {
    if (!this.start) return
    const here = this.point(event)
    if (this.dragged(here)) {
      const part = between(this.start, here)
      if (part.right > part.left && part.bottom > part.top) this.tell("cropped", part)
    } else {
      const spot = this.nearest(here)
      if (spot) this.pick(spot)
    }
    this.end()
  }

  end() {
    this.start = this.part = null
    this.crop.hidden = true
    this.cut.setAttribute("aria-pressed", false)
    this.hint.textContent = this.data.labels.hint
  }

  dragged({ x, y }) {
    return Math.hypot(x - this.start.x, y - this.start.y) >= DRAG
  }

  // A digit before the line that it is in, and what is smaller before what is around it.
  nearest({ x, y }) {
    const { width, height } = this.frame.getBoundingClientRect()
    const away = (spot) => {
      const [left, top] = [(spot.left * width) / 100, (spot.top * height) / 100]
      const [right, bottom] = [left + (spot.width * width) / 100, top + (spot.height * height) / 100]
      return Math.hypot(Math.max(left - x, x - right, 0), Math.max(top - y, y - bottom, 0))
    }
    const order = (a, b) => away(a) - away(b) || a.width * a.height - b.width * b.height
    const digits = this.data.spots.filter(({ kind }) => kind === "digit").sort(order)
    const lines = this.data.spots.filter(({ kind }) => kind === "line").sort(order)
    const inside = [...digits, ...lines].find((spot) => away(spot) === 0)
    return inside ?? [...digits, ...lines].sort(order).find((spot) => away(spot) <= FAR) ?? null
  }

  aim(spot) {
    for (const button of this.spots.children)
      button.classList.toggle("aimed", spot !== null && button.dataset.spot === `${spot.kind}${spot.place}`)
  }
}

function moved({ left, top, right, bottom }, [across, down]) {
  const inside = (by, first, last) => Math.min(Math.max(by, -first), 1 - last)
  const [x, y] = [inside(across, left, right), inside(down, top, bottom)]
  return { left: left + x, top: top + y, right: right + x, bottom: bottom + y }
}

function sized({ left, top, right, bottom }, [across, down]) {
  const last = (first, value) => Math.min(Math.max(value, first + LEAST), 1)
  return { left, top, right: last(left, right + across), bottom: last(top, bottom + down) }
}

function between(a, b) {
  return {
    left: Math.min(a.across, b.across),
    top: Math.min(a.down, b.down),
    right: Math.max(a.across, b.across),
    bottom: Math.max(a.down, b.down),
  }
}
