// Draws the charts in the page's theme, sorts and narrows tables. Works from a file, without a server or a network.
"use strict";

const root = document.documentElement;

function isDark() {
  return root.dataset.theme === "dark" || (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
}

function chartConfig() {
  const style = getComputedStyle(root);
  const color = (name) => style.getPropertyValue(name).trim();
  const text = { labelColor: color("--quiet"), titleColor: color("--quiet"), labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400 };
  const first = color("--accent");
  return {
    background: "transparent",
    font: getComputedStyle(document.body).fontFamily,
    view: { stroke: null },
    axis: { ...text, gridColor: color("--line"), domainColor: color("--line"), tickColor: color("--line") },
    legend: { ...text, orient: "top", columns: matchMedia("(max-width: 48rem)").matches ? 1 : 4, labelLimit: 260 },
    mark: { color: first },
    text: { color: color("--ink") },
    range: {
      category: isDark()
        ? ["#7db2ff", "#ffb86b", "#6fd08c", "#ff8a80", "#c9a6ff", "#7fd7e0", "#ffd866", "#b0bac8"]
        : ["#1f5fbf", "#c76a00", "#17713a", "#b3261e", "#6b3fa0", "#007a87", "#8a6d00", "#566173"],
      heatmap: isDark() ? ["#1a2029", "#2f5f9f"] : ["#f3f6fb", "#7fb0ee"],
      ramp: isDark() ? ["#1a2029", "#2f5f9f"] : ["#f3f6fb", "#7fb0ee"],
    },
  };
}

// Names of months and days as the page's language has them, from the browser itself.
function timeNames() {
  const named = (count, start, options) => Array.from({ length: count }, (_, number) => new Intl.DateTimeFormat(root.lang, { ...options, timeZone: "UTC" }).format(start(number)));
  const month = (number) => Date.UTC(2023, number, 1);
  const day = (number) => Date.UTC(2023, 0, 1 + number); // a Sunday
  return {
    dateTime: "%Y-%m-%d %H:%M", date: "%Y-%m-%d", time: "%H:%M", periods: ["AM", "PM"],
    months: named(12, month, { month: "long" }), shortMonths: named(12, month, { month: "short" }),
    days: named(7, day, { weekday: "long" }), shortDays: named(7, day, { weekday: "short" }),
  };
}

async function drawCharts() {
  for (const place of document.querySelectorAll(".chart")) {
    const spec = JSON.parse(document.getElementById(place.dataset.spec).textContent);
    try {
      await vegaEmbed(place, spec, { actions: false, renderer: "svg", config: chartConfig(), timeFormatLocale: timeNames() });
      place.dataset.drawn = "yes";
    } catch (error) {
      place.textContent = String(error);
      console.error(error);
    }
  }
}

function valueOf(cell) {
  const number = Number(cell.dataset.value);
  return cell.dataset.value !== "" && !Number.isNaN(number) ? number : cell.textContent;
}

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), root.lang, { numeric: true });
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "descending" ? "ascending" : "descending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction);
      const sign = direction === "ascending" ? 1 : -1;
      const rows = [...table.tBodies[0].rows];
      rows.sort((one, other) => sign * compare(valueOf(one.cells[column]), valueOf(other.cells[column])));
      table.tBodies[0].append(...rows);
    });
  });
}

function makeNarrowable(controls) {
  const rows = [...document.getElementById(controls.dataset.for).tBodies[0].rows];
  const search = controls.querySelector("input");
  const lists = [...controls.querySelectorAll("select")];
  const said = controls.querySelector("output");
  const narrow = () => {
    const wanted = search.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = (!wanted || row.textContent.toLocaleLowerCase().includes(wanted))
        && lists.every((list) => !list.value || row.cells[Number(list.dataset.column)].dataset.value === list.value);
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    said.textContent = said.dataset.words.replace("{shown}", shown).replace("{all}", rows.length);
  };
  controls.addEventListener("input", narrow);
  narrow();
}

document.getElementById("theme").addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch (error) { /* no storage: for this page only */ }
  drawCharts();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
if (matchMedia("(max-width: 48rem)").matches) document.querySelector("nav details").open = false;
document.querySelectorAll("table.sortable").forEach(makeSortable);
document.querySelectorAll(".narrow").forEach(makeNarrowable);
drawCharts();
