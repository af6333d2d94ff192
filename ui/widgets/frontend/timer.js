// Tells the server that a time has passed, once for each time that the server asks.

const timers = new WeakMap()

export default function ({ parentElement, data, setTriggerValue }) {
  if (timers.get(parentElement)?.begun !== data.begun) {
    clearTimeout(timers.get(parentElement)?.id)
    const id = setTimeout(() => setTriggerValue("time", data.begun), data.wait)
    timers.set(parentElement, { begun: data.begun, id })
  }
  // Streamlit may end a call after the next one has begun: that end is not the component's.
  const timer = timers.get(parentElement)
  const turn = (timer.turn = {})
  return () => {
    if (timers.get(parentElement)?.turn !== turn) return
    clearTimeout(timer.id)
    timers.delete(parentElement)
  }
}
