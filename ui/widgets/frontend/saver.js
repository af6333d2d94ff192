// A button that asks the server for a file, and hands what comes to the browser as a download.

export default function ({ parentElement, data, setTriggerValue }) {
  const button = parentElement.querySelector("button")
  button.querySelector("span").textContent = data.label
  button.onclick = () => {
    button.ariaBusy = "true"
    setTriggerValue("asked", `${Date.now()}`)
  }
  if (!data.asked || data.asked === button.dataset.answered) return
  button.dataset.answered = data.asked
  button.ariaBusy = "false"
  if (data.file === null) return
  const bytes = Uint8Array.from(atob(data.file), (letter) => letter.charCodeAt(0))
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([bytes]))
  link.download = data.name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000) // some browsers read it later
}
