/* Charts: what the pointer or the arrow keys are nearest to, with its number, its dates and its evidence.
   The numbers and their places come from the server when they are first asked for; nothing is computed here. */
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const kept = new Map();
  const months = "January February March April May June July August September October November December".split(" ");
  const day = (text) => {
    const [y, m, d] = text.slice(0, 10).split("-").map(Number);
    return `${d} ${months[m - 1]} ${y}${text.length > 10 ? `, ${text.slice(11, 16)} UTC` : ""}`;
  };
  const told = (chart) => {
    const url = chart.dataset.chart;
    if (!kept.has(url)) kept.set(url, fetch(url).then((answer) => (answer.ok ? answer.json() : { points: [] })));
    return kept.get(url);
  };
  const evidence = (found, [, asOf, , number]) =>
    `/updates/${encodeURIComponent(found.source)}/${number}/evidence?series=${encodeURIComponent(found.series)}&as_of=${encodeURIComponent(asOf)}`;

  const show = (chart, found, at) => {
    const point = found.points[at];
    const [line, asOf, number, update, x, y] = point;
    chart.dataset.at = at;
    let mark = chart.querySelector(".here-mark");
    if (!mark) {
      mark = document.createElementNS(SVG, "g");
      mark.setAttribute("class", "here-mark");
      mark.append(document.createElementNS(SVG, "path"), document.createElementNS(SVG, "circle"));
      chart.querySelector("svg").append(mark);
    }
    mark.firstChild.setAttribute("d", `M${x} 34V316`);
    for (const [name, value] of [["cx", x], ["cy", y], ["r", 6]]) mark.lastChild.setAttribute(name, value);
    const read = chart.parentElement.querySelector("[data-read]");
    const value = document.createElement("b");
    value.textContent = number;
    const link = document.createElement("a");
    link.href = evidence(found, point);
    link.textContent = "its evidence";
    if (document.body.classList.contains("embed")) { link.target = "_blank"; link.rel = "noopener"; }
    const of = found.lines[line] === "counts" ? "" : ` (${found.lines[line]})`;
    read.replaceChildren(value, `${of}, as of ${day(asOf)}, known ${day(found.updates[update].slice(0, 10))}: `, link);
    read.hidden = false;
  };
  const nearest = (found, x, y) => {
    let best = 0, least = Infinity;
    found.points.forEach((point, at) => {
      const far = (point[4] - x) ** 2 + ((point[5] - y) / 4) ** 2;
      if (far < least) { least = far; best = at; }
    });
    return best;
  };
  const under = (event) => event.target.closest && event.target.closest("[data-chart]");

  document.addEventListener("pointermove", async (event) => {
    const chart = under(event);
    const svg = chart && chart.querySelector("svg");
    if (!svg) return;
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const found = await told(chart);
    if (found.points.length) show(chart, found, nearest(found, place.x, place.y));
  });
  const leave = (chart) => {
    const mark = chart.querySelector(".here-mark");
    if (mark) mark.remove();
    chart.parentElement.querySelector("[data-read]").hidden = true;
    delete chart.dataset.at;
  };
  /* before the keys of the whole page, which mean other things by Enter and Escape */
  document.addEventListener("keydown", async (event) => {
    const chart = under(event);
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
    if (!chart || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = steps[event.key];
    const at = chart.dataset.at === undefined ? null : Number(chart.dataset.at);
    if (step === undefined && (at === null || !["Enter", "Escape"].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") { leave(chart); return; }
    if (event.key === "Enter") { chart.parentElement.querySelector("[data-read] a").click(); return; }
    const found = await told(chart);
    const last = found.points.length - 1;
    if (last < 0) return;
    const from = at === null ? found.points.findLastIndex((point) => point[0] === 0) + (step < 0 ? 1 : 0) : at;
    show(chart, found, Math.max(0, Math.min(last, from + step)));
  }, true);
})();
