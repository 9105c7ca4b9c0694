/*
 * The look of a page of HTML. Colours are named once for a light and once for
 * a dark ground, and told apart by shape as well: see the legend.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_TRACE_HTML_STYLE_H
#define TOOLS_TRACE_HTML_STYLE_H

#define HTML_STYLE                                                           \
    ":root{color-scheme:light dark;--bg:#fcfcfb;--fg:#1d2126;--dim:#667080;" \
    "--line:#c3c9d1;--panel:#f0f2f4;--req:#0b62b8;--rsp:#6b3fa0;"            \
    "--good:#1a7a3c;--bad:#c0281c;--badbg:#fdecea;--fault:#a85a00;"          \
    "--faultbg:#fdf1de;--goodbg:#e5f4ea;}"                                   \
    "@media(prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e3e6ea;"     \
    "--dim:#98a2b0;--line:#434b56;--panel:#1f242a;--req:#6db3f8;"            \
    "--rsp:#c09bf0;--good:#63c486;--bad:#ff8a80;--badbg:#3b1d1b;"            \
    "--fault:#f0b060;--faultbg:#38290f;--goodbg:#17301f;}}"                  \
    "body{margin:0 auto;max-width:1100px;padding:1.5rem 1rem 4rem;"          \
    "background:var(--bg);color:var(--fg);"                                  \
    "font:15px/1.45 system-ui,'DejaVu Sans',sans-serif}"                     \
    "h1{font-size:1.35rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .2rem}" \
    ".sum{color:var(--dim);margin:.1rem 0 .8rem}"                            \
    ".end{border-left:5px solid;padding:.6rem .9rem;margin:.8rem 0;"         \
    "border-radius:0 6px 6px 0}"                                             \
    ".end.bad{border-color:var(--bad);background:var(--badbg)}"              \
    ".end.good{border-color:var(--good);background:var(--goodbg)}"           \
    ".end a{color:inherit;font-variant-numeric:tabular-nums}"               \
    "svg{display:block;width:100%;height:auto}"                              \
    "svg text{font-family:system-ui,'DejaVu Sans',sans-serif;"               \
    "fill:var(--fg);font-size:14px}"                                         \
    "svg .t,svg .dim{fill:var(--dim);font-size:12.5px}"                      \
    "svg .t{font-variant-numeric:tabular-nums}"                              \
    "svg .n{font-weight:600}svg .req{fill:var(--req);stroke:var(--req)}"     \
    "svg .rsp{fill:var(--rsp);stroke:var(--rsp)}"                            \
    "svg .isbad{fill:var(--bad);stroke:var(--bad)}"                          \
    "svg .isgood{fill:var(--good);stroke:var(--good)}"                       \
    "svg text.req,svg text.rsp,svg text.isbad,svg text.isgood{stroke:none}"  \
    "svg .axis{stroke:var(--line);stroke-width:1}"                           \
    "svg .band{fill:var(--panel);stroke:var(--line)}"                        \
    "svg .band.bad{fill:var(--badbg);stroke:var(--bad)}"                     \
    "svg .band.good{fill:var(--goodbg);stroke:var(--good)}"                  \
    "svg .band.fault{fill:var(--faultbg);stroke:var(--fault)}"               \
    "svg .fold{fill:var(--dim);font-size:12px;transform-box:fill-box;"       \
    "transform-origin:center}details[open] .fold{transform:rotate(90deg)}"   \
    ".ladder{background:linear-gradient(var(--line),var(--line)) 15% 0/2px " \
    "100% no-repeat,linear-gradient(var(--line),var(--line)) 85% 0/2px "     \
    "100% no-repeat}"                                                        \
    "summary{list-style:none;cursor:pointer}"                                \
    "summary::-webkit-details-marker{display:none}"                          \
    "summary:hover,summary:focus-visible{background:"                        \
    "color-mix(in srgb,var(--req) 9%,transparent);outline:none}"             \
    ".why{margin:0 15% .5rem;padding:.35rem .8rem;border:1px solid;"         \
    "border-radius:6px;font-size:.93rem;background:var(--bg)}"               \
    ".why.bad{border-color:var(--bad);background:var(--badbg)}"              \
    ".why.note{border-color:var(--fault);background:var(--faultbg)}"         \
    ".box{margin:.2rem 6% .9rem;padding:.5rem .8rem;background:var(--panel);"\
    "border:1px solid var(--line);border-radius:6px;overflow-x:auto}"        \
    ".box p{margin:.1rem 0 .4rem;color:var(--good)}"                         \
    "table{border-collapse:collapse;font-size:.86rem;width:100%}"            \
    "th{text-align:left;color:var(--dim);font-weight:500}"                   \
    "td,th{padding:.12rem .6rem .12rem 0;vertical-align:top}"                \
    "td.h{font-family:ui-monospace,'DejaVu Sans Mono',monospace;"            \
    "overflow-wrap:anywhere}td.r{text-align:right;color:var(--dim);"         \
    "font-variant-numeric:tabular-nums;width:3.2rem}"                        \
    ".legend{color:var(--dim);font-size:.86rem;margin-top:1.6rem}"           \
    "@media print{details>.box{display:block}}"

#endif
