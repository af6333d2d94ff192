// A sheet to write on. Strokes are kept as points, so the ink stays sharp at any size and can be undone;
// what is sent is always the same `width` x `height` picture, whatever the screen.

// Where a key is part of a text, not a command.
const WRITING =
  "textarea, select, [contenteditable=true], input:not([type=checkbox], [type=radio], [type=range], [type=file])"

// How long the page waits for the answer that comes before its own, in milliseconds.
const PATIENCE = 150

const sheets = new WeakMap()

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  if (!sheets.has(parentElement)) sheets.set(parentElement, new Sheet(parentElement, data))
  const sheet = sheets.get(parentElement)
  sheet.update(data, setTriggerValue)
  const turn = (sheet.turn = {}) // Streamlit may end a call after the next one has begun: that end is not the component's
  return () => {
    if (sheet.turn !== turn) return
    sheet.close()
    sheets.delete(parentElement)
  }
}

class Sheet {
  constructor(root, data) {
    this.canvas = root.querySelector("canvas")
    this.overlay = root.querySelector(".boxes")
    this.sheet = root.querySelector(".sheet")
    this.paper = root.querySelector(".paper")
    this.hint = root.querySelector(".hint")
    this.buttons = Object.fromEntries([...root.querySelectorAll("button")].map((b) => [b.name, b]))
    this.current = null // the stroke under the pen
    this.untold = null // a drawing of which the page has not heard yet
    this.answered = null // the one that was answered early
    this.told = 0 // the number of the drawing that the page has, 0 for none
    this.heard = false // whether the page has heard of any drawing since it was run
    this.deaf = null // the page that gets no early answers
    this.at = 0 // a number that grows with each change
    this.open(data)
    this.closing = new AbortController()

    const on = (target, type, action, options = {}) =>
      target.addEventListener(type, action, { signal: this.closing.signal, ...options })
    on(this.canvas, "pointerdown", (e) => this.down(e))
    // Else Chromium takes a tap on a button within 300 ms of a finger's stroke for part of a double tap, and drops it.
    on(this.canvas, "touchstart", (e) => e.preventDefault(), { passive: false })
    on(this.canvas, "pointermove", (e) => this.move(e))
    on(this.canvas, "pointerup", (e) => this.up(e))
    on(this.canvas, "pointercancel", (e) => this.up(e))
    on(this.canvas, "lostpointercapture", (e) => this.up(e)) // the pen has left, and nothing else may say so
    on(document, "keydown", (e) => this.key(e))
    for (const act of ["pointerdown", "keydown", "click"]) on(window, act, (e) => this.hurry(e), { capture: true })
    on(document, "paste", (e) => this.paste(e))
    on(document, "dragover", (e) => this.drop(e))
    on(document, "drop", (e) => this.drop(e))
    this.buttons.undo.onclick = () => this.undo()
    this.buttons.redo.onclick = () => this.redo()
    this.buttons.clear.onclick = () => this.clear()
    this.resizing = new ResizeObserver(() => this.paint())
    this.resizing.observe(this.canvas)
  }

  // Begin with what this browser tab last drew on a sheet of this name.
  open({ name }) {
    this.name = this.canvas.dataset.sheet = name
    this.storage = `drawing:${name}`
    this.past = []
    this.future = []
    this.strokes = this.stored()
    this.at = Math.max(this.at, ...this.strokes.map((s) => s.at))
    this.session = null
  }

  close() {
    this.untold = null
    this.closing.abort()
    this.resizing.disconnect()
  }

  update(data, send) {
    const turned = data.name !== this.name
    if (turned) this.open(data)
    this.data = data
    this.send = send
    this.sheet.style.setProperty("--aspect", data.width / data.height)
    this.sheet.classList.toggle("wide", data.width > data.height)
    this.sheet.hidden = data.covered
    this.canvas.setAttribute("aria-label", data.labels.canvas)
    this.hint.textContent = data.labels.hint
    for (const [name, button] of Object.entries(this.buttons)) {
      button.title = data.labels[name]
      button.setAttribute("aria-label", data.labels[name])
    }
    if (turned) this.renew()
    this.consume(data.consumed)
    // After a reload, a restart or a lost connection the server has not seen what is still on the sheet.
    if (data.session !== this.session && !data.covered) {
      this.session = data.session
      this.told = data.known
      this.heard = false
      if (this.strokes.length && data.known !== this.at) this.tell()
    }
    // Something else has changed, and what the page says is to be about all that is on the sheet.
    if (this.untold && this.untold === this.answered) this.tell(this.untold)
    this.paper.style.setProperty("--picture", data.picture ? `url("${data.picture}")` : "none")
    this.boxes(data.boxes)
    this.paint()
  }

  // Back on this sheet: what is on it is newer than anything that was used of the other one meanwhile.
  renew() {
    this.at = Math.max(Date.now(), this.at + 1, this.data.consumed + 1)
    for (const stroke of this.strokes) stroke.at = this.at
    this.store()
  }

  // The server has used the drawing as it was at `consumed`; what was written since then stays.
  consume(consumed) {
    if (this.told <= consumed) this.told = 0
    const left = this.strokes.filter((s) => s.at > consumed)
    if (left.length === this.strokes.length) return
    this.strokes = left
    this.past = []
    this.future = []
    this.store()
    if (left.length) this.changed()
    else if (this.told || this.untold) this.empty()
  }

  // A stroke was taken back before the page had used the drawing, and what was said of the rest has left with all of it.
  empty() {
    this.at = Math.max(Date.now(), this.at + 1) // an early answer to it is late now
    if (this.told) this.tell()
    else this.forget()
  }

  boxes(boxes) {
    this.overlay.replaceChildren(
      ...boxes.map((box) => {
        const frame = document.createElement("div")
        frame.className = box.top < 12 ? "box low" : "box"
        const { left, top, width, height } = box
        Object.assign(frame.style, { left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%` })
        frame.style.setProperty("--colour", box.colour)
        const tag = document.createElement("span")
        tag.textContent = box.text
        frame.append(tag)
        return frame
      }),
    )
  }

  point(event) {
    const frame = this.canvas.getBoundingClientRect()
    const round = (value) => Math.round(value * 10) / 10
    return [
      round(((event.clientX - frame.left) / frame.width) * this.data.width),
      round(((event.clientY - frame.top) / frame.height) * this.data.height),
    ]
  }

  down(event) {
    if (event.button !== 0 || (this.current && !event.isPrimary)) return // a second finger draws nothing
    this.end() // a stroke whose end the browser has not told
    event.preventDefault()
    this.canvas.focus({ preventScroll: true })
    this.canvas.setPointerCapture(event.pointerId)
    this.current = { pointer: event.pointerId, width: this.data.pen, points: [this.point(event)] }
    this.overlay.replaceChildren()
    this.paper.style.setProperty("--picture", "none")
    this.paint()
  }

  move(event) {
    if (this.current?.pointer !== event.pointerId) return
    if (!event.buttons) return this.end()
    const events = event.getCoalescedEvents?.() ?? []
    for (const e of events.length ? events : [event]) this.current.points.push(this.point(e))
    this.paint()
  }

  up(event) {
    if (this.current?.pointer === event.pointerId) this.end()
  }

  end() {
    if (!this.current) return
    const { width, points } = this.current
    this.current = null
    this.become([...this.strokes, { width, points, at: 0 }])
  }

  key(event) {
    if (event.composedPath()[0].closest?.(WRITING) || event.altKey) return
    const command = event.ctrlKey || event.metaKey
    const key = event.key.toLowerCase()
    if (command && key === "z") event.shiftKey ? this.redo() : this.undo()
    else if (command && key === "y") this.redo()
    else if (!command && key === "delete") this.clear()
    else if (!command && /^[0-9]$/.test(key)) {
      this.untold = null
      if (this.strokes.length) this.told = this.at
      this.send("key", { digit: Number(key), pressed: Date.now(), ...(this.strokes.length && this.drawing()) })
    } else return
    event.preventDefault()
  }

  paste(event) {
    const file = [...(event.clipboardData?.files ?? [])].find((f) => f.type.startsWith("image/"))
    if (!file) return
    event.preventDefault()
    this.give(file)
  }

  drop(event) {
    if (!event.dataTransfer.types.includes("Files")) return
    event.preventDefault() // the browser would leave the page to show the file
    const [file] = event.dataTransfer.files
    if (file && event.type === "drop") this.give(file)
  }

  give(file) {
    if (this.untold) this.tell(this.untold) // which the image takes the place of
    if (file.size > this.data.largest) return this.send("pasted", "")
    const reader = new FileReader()
    reader.onload = () => this.send("pasted", reader.result)
    reader.readAsDataURL(file)
  }

  undo() {
    if (!this.past.length) return
    this.future.push(this.strokes)
    this.become(this.past.pop(), false)
  }

  redo() {
    if (!this.future.length) return
    this.past.push(this.strokes)
    this.become(this.future.pop(), false)
  }

  clear() {
    if (this.strokes.length || this.data.picture || this.data.covered) this.become([])
  }

  become(strokes, isNew = true) {
    if (isNew) {
      this.past.push(this.strokes)
      this.future = []
    }
    this.strokes = strokes
    this.changed()
  }

  changed() {
    this.at = Math.max(Date.now(), this.at + 1)
    for (const stroke of this.strokes) stroke.at ||= this.at
    this.store()
    this.overlay.replaceChildren()
    this.paint()
    if (this.strokes.length && this.data.early && this.data.early !== this.deaf) this.ask(this.drawing())
    else if (this.strokes.length || this.told || this.data.picture || this.data.covered) this.tell()
    else this.forget()
  }

  tell(drawing = this.drawing()) {
    this.untold = null
    this.told = drawing.image ? drawing.at : 0
    this.heard = true
    this.send("drawn", drawing)
  }

  // The sheet is empty again, and the page knows of nothing else.
  forget() {
    if (this.untold) this.post({ at: this.at, image: null }).catch(() => {}) // lest another page explain what was there
    this.untold = null
    document.dispatchEvent(new CustomEvent("early-answer", { detail: null }))
  }

  post(drawing) {
    return fetch(`strokes/${this.data.early}`, { method: "POST", body: JSON.stringify(drawing) })
  }

  // First have the drawing read by HTTP: in the way of that answer is no run of the page, and no painting of all of it.
  // The page is told when the person does something else than draw. It is told when the answer is on the screen where it
  // has more to show than that, or something has changed meanwhile, and of the first drawing after it was run: Streamlit
  // runs a page again after a lost connection only if a part of it was run before.
  async ask(drawing) {
    this.untold = drawing
    const data = this.data
    const page = data.early
    const tell = () => this.untold === drawing && this.tell(drawing)
    const patience = setTimeout(tell, PATIENCE)
    try {
      const response = await this.post(drawing)
      const isMissing = [403, 404, 405].includes(response.status) // on another server, or one without this
      if (isMissing) this.deaf = page
      const detail = response.status === 200 && (await response.json())
      if (detail && drawing.at === this.at && !this.closing.signal.aborted) {
        document.dispatchEvent(new CustomEvent("early-answer", { detail }))
        this.answered = drawing
        if (data.unhurried && data === this.data && this.heard) return clearTimeout(patience)
      }
    } catch {
      // The page's answer comes all the same.
    }
    requestAnimationFrame(() => setTimeout(tell))
  }

  // Whatever is pressed now is about the drawing as it is. But a digit's key takes it along, and a stroke, a button or
  // another key of the sheet changes it. And a link leads to another page, which would be there before this one hears.
  hurry(event) {
    if (!this.untold) return
    const path = event.composedPath()
    const isOurs =
      event.type === "keydown"
        ? /^(\d|Delete|Control|Meta|Shift)$/.test(event.key) || ((event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key))
        : path.some((part) => part === this.canvas || Object.values(this.buttons).includes(part))
    if (!isOurs && !path.some((part) => part.localName === "a")) this.tell(this.untold)
  }

  drawing() {
    return { at: this.at, image: this.strokes.length ? this.picture() : null }
  }

  picture() {
    const sheet = document.createElement("canvas")
    sheet.width = this.data.width
    sheet.height = this.data.height
    draw(sheet.getContext("2d"), this.strokes, "black")
    return sheet.toDataURL("image/png")
  }

  paint() {
    const { clientWidth, clientHeight } = this.canvas
    const density = window.devicePixelRatio || 1
    const [width, height] = [Math.round(clientWidth * density), Math.round(clientHeight * density)]
    if (this.canvas.width !== width) this.canvas.width = width
    if (this.canvas.height !== height) this.canvas.height = height
    const pen = this.canvas.getContext("2d")
    pen.setTransform(1, 0, 0, 1, 0, 0)
    pen.clearRect(0, 0, width, height)
    pen.scale(width / this.data.width, height / this.data.height)
    const strokes = this.current ? [...this.strokes, this.current] : this.strokes
    draw(pen, strokes, getComputedStyle(this.canvas).color)
    this.paper.classList.toggle("empty", !strokes.length && !this.data.picture)
    this.buttons.undo.disabled = !this.past.length
    this.buttons.redo.disabled = !this.future.length
    this.buttons.clear.disabled = !strokes.length && !this.data.picture
  }

  stored() {
    try {
      return JSON.parse(sessionStorage.getItem(this.storage)) ?? []
    } catch {
      return [] // storage is off, or holds something else: start with an empty sheet
    }
  }

  store() {
    try {
      sessionStorage.setItem(this.storage, JSON.stringify(this.strokes))
    } catch {
      // Without storage the drawing is lost at a reload, and nothing else.
    }
  }
}

function draw(pen, strokes, colour) {
  pen.strokeStyle = pen.fillStyle = colour
  pen.lineCap = pen.lineJoin = "round"
  for (const { width, points } of strokes) {
    const [[x, y], ...rest] = points
    pen.beginPath()
    pen.arc(x, y, width / 2, 0, 2 * Math.PI)
    pen.fill()
    pen.beginPath()
    pen.lineWidth = width
    pen.moveTo(x, y)
    for (const [nextX, nextY] of rest) pen.lineTo(nextX, nextY)
    if (rest.length) pen.stroke()
  }
}
