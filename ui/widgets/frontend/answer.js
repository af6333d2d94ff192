// What the model reads, painted in place: the elements stay, so nothing flashes or jumps from stroke to stroke, and a
// screen reader hears each new answer once. An early answer may come before that of the page, which is the same; the
// page's answer comes back where the sheet is emptied before the page has heard of what was on it.

const BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

const shown = new WeakMap() // for each place of an answer: which drawing was answered early, on which page

export default function ({ parentElement, data }) {
  if (!shown.has(parentElement)) shown.set(parentElement, listen(parentElement))
  const early = shown.get(parentElement)
  if (data.page !== early.page) Object.assign(early, { page: data.page, at: 0 })
  early.heard = data.heard
  early.ofThePage = data
  if (data.heard >= early.at) paint(parentElement, data) // else the page has not heard of what was answered early
  const turn = (early.turn = {}) // Streamlit may end a call after the next one has begun: that end is not the component's
  return () => {
    if (early.turn !== turn) return
    early.listening.abort()
    shown.delete(parentElement)
  }
}

function listen(parentElement) {
  const early = { at: 0, heard: 0, page: null, ofThePage: null, listening: new AbortController() }
  const take = ({ detail }) => {
    if (detail && detail.at <= early.heard) return // the page has answered that, and what came after it
    early.at = detail?.at ?? 0
    paint(parentElement, detail ?? early.ofThePage)
  }
  document.addEventListener("early-answer", take, { signal: early.listening.signal })
  return early
}

function paint(parentElement, data) {
  const find = (selector) => parentElement.querySelector(selector)
  const digit = find("output")
  const image = find("img")
  const bars = find(".bars")

  digit.textContent = data.answer
  digit.dataset.at = data.at
  digit.style.setProperty("--colour", data.colour)
  const lines = data.answer.split("\n")
  digit.style.setProperty("--length", Math.max(...lines.map((line) => line.length)))
  digit.style.setProperty("--lines", lines.length)
  find(".answer").dataset.state = data.state
  find(".verdict").textContent = data.verdict
  find(".detail").textContent = data.detail
  find(".top").textContent = data.top
  image.src = data.seen ?? BLANK
  image.alt = data.labels.seen
  find("figcaption").textContent = data.labels.seen
  bars.setAttribute("aria-label", data.labels.bars)

  if (!bars.children.length) bars.append(...Array.from({ length: 10 }, (_, n) => row(n)))
  for (const [n, { share, text, colour }] of data.scores.entries()) {
    const line = bars.children[n]
    line.classList.toggle("best", n === data.best)
    line.style.setProperty("--share", share)
    line.style.setProperty("--colour", colour)
    line.lastElementChild.textContent = text
  }

  const announcement = find(".announcement")
  if (announcement.textContent !== data.announcement) announcement.textContent = data.announcement

  const more = find(".more") // on a phone the bars are a tap away
  more.setAttribute("aria-label", data.labels.bars)
  more.onclick = () => more.setAttribute("aria-expanded", find(".answer").classList.toggle("open"))
}

function row(n) {
  const line = document.createElement("li")
  line.innerHTML = `<b>${n}</b><i><s></s></i><span></span>`
  return line
}
