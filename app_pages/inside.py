"""Inside: the drawing's way through the network, as pictures."""

import numpy as np
import streamlit as st

from mnist_core import EmptyDrawing, preparation_steps
from mnist_core.recognition.explanation import feature_maps, mnist_images, occlusion
from ui.language import percent, t
from ui.model import classifier
from ui.notices import page_stops_without_model
from ui.packing import unpacked
from ui.session import visit
from ui.sheet.early import unheard_drawing
from ui.widgets.charts import map_of_drawings
from ui.widgets.pictures import enlarged, heat, reduced, sheet_of, square

ENLARGED = 224  # pixels a picture is enlarged to
PHOTO_SIDE = 480  # pixels of a photograph's longer side
COLUMNS = 8  # feature maps a row

me = visit()
st.markdown(t("inside.lead"))
with page_stops_without_model():
    model = classifier(me)
unheard = unheard_drawing(me)  # the way here is a link or a step back in the browser, which say nothing of the drawing
if len(me.shown) > 1 and not unheard:
    place = st.segmented_control(
        t("answer.which"), range(len(me.shown)), default=0, format_func=me.name_of_place, key="place", required=True
    )
    canvas = me.shown[place].canvas
elif readings := unheard[1] if unheard else me.shown:
    canvas = readings[0].canvas
else:
    canvas = me.drawing.canvas if me.drawing else np.dstack([mnist_images(model, [0])[0]] * 4)
try:
    steps = preparation_steps(canvas)
except (EmptyDrawing, ValueError):
    st.warning(t("empty.predict"))
    st.stop()
if me.drawing is None and not unheard:
    st.info(t("inside.example"), icon=":material/info:")
    st.page_link("app_pages/draw.py", label=t("inside.draw"), icon=":material/draw:")

image = steps.centred
prediction = model.predict(image)
rival, digit = (int(n) for n in np.argsort(prediction.scores)[-2:])

if me.drawing and me.drawing.photo:
    from ui.sheet.photo import even_light  # with OpenCV, which no drawing needs

    photo = me.drawing.photo
    left, top, right, bottom = photo.part
    found = {
        t("photo.photo"): photo.pixels[top:bottom, left:right],
        t("inside.light"): even_light(photo),
        **{t(f"photo.left_out.{reason}"): ~unpacked(layer) for reason, layer in photo.left_out.items()},
        t("inside.found"): 255 - unpacked(photo.writing),
    }
    st.header(t("inside.photo"), anchor=False)
    st.markdown(t("inside.photo.text"))
    with st.grid(4, min_column_width=150):
        for caption, shown in found.items():
            st.image(reduced(shown, PHOTO_SIDE), width="stretch", caption=caption, alt=caption)

st.header(t("inside.steps"), anchor=False)
st.markdown(t("inside.steps.text"))
with st.grid(4, min_column_width=150):
    for name in ("ink", "scaled", "binary", "centred"):
        st.image(
            enlarged(square(getattr(steps, name)), ENLARGED),
            width="stretch",
            caption=t(f"inside.{name}"),
            alt=t(f"inside.{name}"),
        )

st.header(t("inside.maps"), anchor=False)
st.markdown(t("inside.maps.text"))
for maps in feature_maps(model, image):
    height, width, count = maps.shape
    caption = t("inside.layer", count=min(count, 4 * COLUMNS), total=count, height=height, width=width)
    picture = enlarged(sheet_of(maps[..., : 4 * COLUMNS], COLUMNS), 700)
    with st.container(width=720):  # a phone's is narrower: only a container gives way
        st.image(picture, width="stretch", caption=caption, alt=caption)

st.header(t("inside.why"), anchor=False)
st.markdown(t("inside.why.text"))
speaks, against = occlusion(model, image, digit, rival)
with st.grid(3, min_column_width=180):
    st.image(enlarged(image, ENLARGED), width="stretch", caption=t("inside.seen"), alt=t("inside.seen"))
    for importance, caption in (
        (speaks, t("inside.for", digit=digit, share=percent(prediction.scores[digit], 1))),
        (against, t("inside.rather", digit=digit, rival=rival)),
    ):
        st.image(enlarged(heat(image, importance), ENLARGED), width="stretch", caption=caption, alt=caption)

st.header(t("inside.map"), anchor=False)
st.markdown(t("inside.map.text"))
st.altair_chart(map_of_drawings(model, image, digit), width="stretch", alt=t("inside.map.alt", digit=digit))
