// What the model reads, painted in place: the elements stay, so nothing flashes or jumps from stroke to stroke,
// bars move, and a screen reader hears each new answer once.

const BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

export default function ({ parentElement, data }) {
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
