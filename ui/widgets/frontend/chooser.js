// A button that asks for a file and sends it as a data URL; "" is one that is too large.

const FILE = "M12 16V4m-5 5 5-5 5 5M4 16v3a1.5 1.5 0 0 0 1.5 1.5h13A1.5 1.5 0 0 0 20 19v-3"
const CAMERA = "M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 10a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4"

export default function ({ parentElement, data, setTriggerValue }) {
  const button = parentElement.querySelector("button")
  const input = parentElement.querySelector("input")
  button.classList.toggle("camera", data.camera)
  button.querySelector("path").setAttribute("d", data.camera ? CAMERA : FILE)
  button.querySelector("span").textContent = data.label
  input.accept = data.accept
  if (data.camera) input.setAttribute("capture", "environment")
  button.onclick = () => input.click()
  input.onchange = () => {
    const file = input.files[0]
    if (!file) return
    const reader = new FileReader()
    reader.onload = () => setTriggerValue("given", reader.result)
    file.size > data.largest ? setTriggerValue("given", "") : reader.readAsDataURL(file)
    input.value = "" // so that the same file can be given again
  }
}
