// Small pictures in rows, each with what it is under it.

export default function ({ parentElement, data }) {
  const gallery = parentElement.querySelector(".gallery")
  gallery.setAttribute("aria-label", data.label)
  gallery.replaceChildren(
    ...data.pictures.map(({ image, text, name }) => {
      const item = document.createElement("li")
      const picture = document.createElement("img")
      Object.assign(picture, { src: image, alt: name, width: 28, height: 28 })
      item.append(picture)
      if (text) item.append(text)
      return item
    }),
  )
}
