// Draws the charts that the server has drawn as pictures once more, on a canvas, to be pointed at.
// The points come with the picture as JSON; a part that htmx has swapped in is drawn as it arrives.
"use strict";
(() => {
  const language = document.documentElement.lang;
  const DAY = 86_400_000;
  const charts = new Map(); // canvas → chart

  const whole = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const small = new Intl.NumberFormat(language, { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });
  const date = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
  // As the server writes rates: two decimals from 1 upwards, four digits below.
  const told = (value) => (Math.abs(value) >= 1 || value === 0 ? whole : small).format(value);

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const tone = (number) => colour(`--series-${number}`);
  const faint = (hex) => hex + "29"; // 16 % of it, as .picture .area

  // Colours are asked for when something is painted, so that another theme needs no more than an update.
  const painted = {
    borderColor: ({ dataset }) => (dataset.bound ? tone(dataset.tone) + "80" : tone(dataset.tone)),
    backgroundColor: ({ dataset }) => (dataset.bound ? faint(tone(dataset.tone)) : tone(dataset.tone)),
  };

  function points(days, values) {
    return days.map((day, at) => ({ x: day, y: values[at] })).filter((point) => point.y !== null);
  }

  function datasets(data) {
    const lines = data.lines.map((line) => ({
      label: line.label,
      tone: line.tone,
      data: points(data.days, line.values),
      ...painted,
      borderWidth: line.dashed ? 1.5 : 2,
      borderDash: line.dashed ? [6, 4] : [],
    }));
    const bands = data.bands.flatMap((band) => [
      { label: band.label, tone: band.tone, bound: "upper", ...painted, data: points(data.days, band.upper), borderWidth: 1, fill: "+1" },
      { label: band.label, tone: band.tone, bound: "lower", ...painted, data: points(data.days, band.lower), borderWidth: 1 },
    ]);
    return [...lines, ...bands];
  }

  function options(data) {
    return {
      animation: false, // hundreds of points that slide into place tell nothing
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      interaction: { mode: "sameDay", intersect: false },
      datasets: { line: { pointRadius: 0, pointHitRadius: 0, pointHoverRadius: 4, tension: 0 } },
      scales: {
        x: {
          type: "linear",
          min: data.days[0],
          max: data.days[data.days.length - 1],
          grid: { display: false },
          border: { color: () => colour("--line") },
          afterBuildTicks: (axis) => { axis.ticks = data.ticks.map(([value]) => ({ value })); },
          ticks: {
            color: () => colour("--quiet"),
            maxRotation: 0,
            autoSkipPadding: 12,
            callback: (value) => data.ticks.find(([day]) => day === value)?.[1] ?? "",
          },
        },
        y: {
          grid: { color: () => colour("--line") },
          border: { display: false },
          ticks: { color: () => colour("--quiet"), maxTicksLimit: 6 },
        },
      },
      plugins: {
        legend: { display: false }, // the page has its own, which a keyboard reaches
        tooltip: {
          backgroundColor: () => colour("--text"),
          titleColor: () => colour("--ground"),
          bodyColor: () => colour("--ground"),
          padding: 10,
          boxPadding: 4,
          usePointStyle: true,
          callbacks: {
            title: (items) => (items.length ? date.format(items[0].parsed.x * DAY) : ""),
            label: (item) => {
              const { dataset } = item;
              return dataset.bound === "lower" ? "" : ` ${dataset.label}  ${value(item)}`;
            },
            labelPointStyle: () => ({ pointStyle: "circle", rotation: 0 }),
          },
          filter: (item) => item.dataset.bound !== "lower",
        },
      },
    };
  }

  // A band is told as what lies between its two lines.
  function value({ chart, dataset, datasetIndex, parsed }) {
    if (!dataset.bound) return told(parsed.y);
    const lower = chart.data.datasets[datasetIndex + 1].data.find((point) => point.x === parsed.x);
    return lower ? `${told(lower.y)} – ${told(parsed.y)}` : told(parsed.y);
  }

  // Every line at the day nearest to the pointer that any of them has: the lines need not share their days.
  Chart.Interaction.modes.sameDay = (chart, event, _options, _useFinal) => {
    const { x } = Chart.helpers.getRelativePosition(event, chart);
    const at = chart.scales.x.getValueForPixel(x);
    const shown = chart.getSortedVisibleDatasetMetas();
    let day = null;
    for (const meta of shown) {
      for (const point of meta._dataset.data) {
        if (day === null || Math.abs(point.x - at) < Math.abs(day - at)) day = point.x;
      }
    }
    return shown.flatMap((meta) => {
      const index = meta._dataset.data.findIndex((point) => point.x === day);
      return index < 0 ? [] : [{ element: meta.data[index], datasetIndex: meta.index, index }];
    }).sort((one, other) => one.datasetIndex - other.datasetIndex);
  };

  function draw(box) {
    if (box.querySelector("canvas")) return;
    const picture = box.querySelector("svg");
    const data = JSON.parse(box.dataset.chart);
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", picture.querySelector("title").textContent);
    box.append(canvas);
    picture.setAttribute("hidden", "");
    const chart = new Chart(canvas, { type: "line", data: { datasets: datasets(data) }, options: options(data) });
    charts.set(canvas, chart);
    toggles(box.closest("figure"), chart);
  }

  // Names in the legend become buttons that take their line away and bring it back.
  function toggles(figure, chart) {
    const names = figure.querySelectorAll(".legend [data-line]");
    if (names.length < 2) return;
    for (const name of names) {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-pressed", "true");
      button.append(...name.childNodes);
      name.append(button);
      button.addEventListener("click", () => {
        const index = Number(name.dataset.line);
        const isShown = !chart.isDatasetVisible(index);
        chart.setDatasetVisibility(index, isShown);
        button.setAttribute("aria-pressed", String(isShown));
        chart.update();
      });
    }
  }

  function drawAll() {
    for (const [canvas, chart] of charts) {
      if (!canvas.isConnected) { chart.destroy(); charts.delete(canvas); }
    }
    document.querySelectorAll("[data-chart]").forEach(draw);
  }

  // The address of the page tells what is shown, so that it can be passed on; so do the links beside it.
  function follow(part) {
    if (!part.dataset.address) return;
    const asked = new URL(part.dataset.address, location.href);
    const here = new URL(location.href);
    asked.searchParams.forEach((one, name) => here.searchParams.set(name, one));
    const address = here.pathname + here.search.replaceAll("%2C", ",");
    history.replaceState(history.state, "", address);
    const language_switch = document.querySelector("[data-language-switch]");
    if (language_switch) language_switch.search = location.search;
    for (const link of document.querySelectorAll("a[data-follows]")) {
      if (!link.search) continue;
      const query = new URLSearchParams(link.search);
      for (const name of ["period", "scale"]) if (asked.searchParams.has(name)) query.set(name, asked.searchParams.get(name));
      link.search = query.toString().replaceAll("%2C", ",");
    }
  }

  document.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
    drawAll();
    follow(elt);
    const said = elt.querySelector("[data-said]");
    const live = document.querySelector("[data-chart-said]");
    if (said && live) live.textContent = said.textContent;
  });
  const repaint = () => { for (const chart of charts.values()) chart.update("none"); };
  document.addEventListener("themechange", repaint);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  drawAll();
  // For whoever looks into the page: the chart of a canvas.
  globalThis.chartOf = (canvas) => charts.get(canvas);
})();
