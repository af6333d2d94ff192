"""One colour for each digit, the same in every chart, bar and badge.

Each has at least 3:1 contrast against both the light and the dark background (WCAG 1.4.11); a digit's name is
always written beside its colour.
"""

DIGIT_COLOURS = (
    "#3B7DD8",
    "#D64545",
    "#2C9A62",
    "#B0741A",
    "#8B5CD6",
    "#0E93A3",
    "#CC4F93",
    "#75852B",
    "#C0602A",
    "#66758A",
)

INK = {"light": "#12101A", "dark": "#EDEDF3"}  # textColor of .streamlit/config.toml, for what a theme does not reach
