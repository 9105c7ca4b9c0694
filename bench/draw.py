# SPDX-License-Identifier: GPL-2.0-or-later
"""The figures that have a goal, as an SVG for the documentation."""
from typing import Any
from xml.sax.saxutils import escape

ROW, TOP, LEFT, BAR, RIGHT = 22, 44, 250, 360, 210
FULL = 1.5                  # of the goal, at the right end of a bar

STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.head { font-weight: 600 }
.dim { fill: #59636e }
.track { fill: #eaeef2 }
.met { fill: #2da44e }
.missed { fill: #cf222e }
.goal { stroke: #1f2328; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .dim { fill: #9198a1 }
  .track { fill: #262c36 }
  .met { fill: #3fb950 }
  .missed { fill: #f85149 }
  .goal { stroke: #e6edf3 }
}"""


def parse_goal(goal: str) -> tuple[str, str, float]:
    of, sign, bound = goal.split()
    return of, sign, float(bound)


def short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"


def reached(figure: dict[str, Any]) -> str:
    of, sign, bound = parse_goal(figure["goal"])
    if of == "ratio":
        return f"{figure['ratio']:.2f} ×, goal {sign} {bound:.2f} ×"
    return (f"{short(figure['value'])} {figure['unit']}, goal {sign} "
            f"{short(bound)}")


def row(figure: dict[str, Any], y: int) -> list[str]:
    """The goal is the same place in each bar, whatever its unit."""
    of, _, bound = parse_goal(figure["goal"])
    part = min(figure[of] / bound, FULL) / FULL
    kind = "met" if figure["met"] else "missed"
    goal_x = LEFT + BAR / FULL
    return [
        f'<text x="{LEFT - 10}" y="{y + 14}" text-anchor="end">'
        f'{escape(figure["name"])}</text>',
        f'<rect class="track" x="{LEFT}" y="{y + 4}" width="{BAR}" '
        f'height="12" rx="3"/>',
        f'<rect class="{kind}" x="{LEFT}" y="{y + 4}" '
        f'width="{max(part * BAR, 1):.1f}" height="12" rx="3"/>',
        f'<line class="goal" x1="{goal_x:.1f}" x2="{goal_x:.1f}" '
        f'y1="{y + 1}" y2="{y + 19}"/>',
        f'<text class="dim" x="{LEFT + BAR + 10}" y="{y + 14}">'
        f'{escape(reached(figure))}</text>',
    ]


def svg(data: dict[str, Any]) -> str:
    figures = [f for f in data["figures"] if f["goal"]]
    width, height = LEFT + BAR + RIGHT, TOP + ROW * len(figures) + 10
    machine = data["machine"]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" role="img">',
        f"<title>Figures against their goals, {escape(data['taken'])}"
        "</title>",
        f"<style>\n{STYLE}\n</style>",
        f'<text class="head" x="{LEFT}" y="16">Against the goal '
        '(upright line)</text>',
        f'<text class="dim" x="{LEFT}" y="33">'
        f"{escape(str(machine['processor']))}, commit "
        f"{escape(str(machine['commit']))}, {escape(data['taken'])}</text>",
    ]
    for index, figure in enumerate(figures):
        lines += row(figure, TOP + ROW * index)
    return "\n".join([*lines, "</svg>", ""])
