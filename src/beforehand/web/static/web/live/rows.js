// The rows of the board: patched by what the server sends, counted on by the browser in between.
import { clockOf, stand, stateWords } from "./time.js";
import { fragment } from "./page.js";

const LATE = '<svg class="shape" viewBox="0 0 10 10" aria-hidden="true"><path d="M5 .8 9.6 9.2H.4z"/></svg>';
const RISK = '<svg class="shape" viewBox="0 0 10 10" aria-hidden="true"><path d="M5 .4 9.6 5 5 9.6.4 5z"/></svg>';
export const shapeOf = (risk) => (risk === "late" ? LATE : risk ? RISK : "");
const body = document.getElementById("rows");
const table = body.closest("table");

export const rows = () => [...body.children];

// Rows by id that are new or other than before, and the ids in order. What moved or changed is marked for a moment.
export function patch(changed, order, mark) {
  const focused = document.activeElement?.closest("#rows > tr")?.id;
  const before = rows().map((row) => row.id);
  for (const [id, html] of Object.entries(changed ?? {})) {
    const row = fragment(html).firstElementChild;
    const old = document.getElementById(row.id);
    if (old) old.replaceWith(row);
    else body.append(row);
    if (mark) row.classList.add("fresh");
    if (focused === row.id) row.querySelector("a").focus({ preventScroll: true });
  }
  if (order) arrange(order.map((id) => `clock-${id}`));
  if (focused && document.activeElement?.closest("#rows > tr")?.id !== focused) refocus(focused, before);
  table.hidden = !body.children.length;
}

function arrange(ids) {
  const wanted = new Set(ids);
  for (const row of rows()) if (!wanted.has(row.id)) row.remove();
  ids.forEach((id, place) => {
    const row = document.getElementById(id), there = body.children[place];
    if (row && there !== row) body.insertBefore(row, there);
  });
}

// Focus stays on its row, or, where that has gone, on the one that took its place.
function refocus(id, before) {
  const place = Math.min(before.indexOf(id), body.children.length - 1);
  const row = document.getElementById(id) ?? body.children[place];
  (row?.querySelector("a") ?? document.getElementById("main")).focus({ preventScroll: true });
}

// Every row brought up to `now`; whether the known windows reach that far for all of them.
export function paint(hours, now) {
  let known = true;
  for (const row of rows()) {
    const its = hours[row.dataset.hours];
    if (its) known = paintRow(row, stand(clockOf(row.dataset), its, now)) && known;
  }
  return known;
}

function paintRow(row, at) {
  const key = `${at.state} ${at.risk} ${at.words} ${at.permille} ${at.goesOn}`;
  if (row.painted === key) return at.known;
  row.painted = key;
  row.classList.remove("late", "high", "amber");
  if (at.risk) row.classList.add(at.risk);
  const words = at.risk === "late"
    ? `${LATE}<span class="late-word">late by</span> <b>${at.words}</b>`
    : `${shapeOf(at.risk)}<b>${at.words}</b><span class="vh"> left</span>`;
  if (at.left !== null) row.querySelector(".amount").innerHTML = words;
  row.querySelector(".meter-used").setAttribute("width", (Math.min(at.permille, 1000) / 10).toFixed(1));
  row.querySelector(".c-left > .vh").textContent = `, ${Math.floor(at.permille / 10)}% used`;
  if (at.run !== "paused") {
    const cell = row.querySelector(".c-state"), said = stateWords(at, row.dataset.waits);
    if (cell.textContent.trim() !== said) cell.textContent = said;
    cell.classList.toggle("plain", (at.state === "running" || at.state === "late") && !row.dataset.waits);
  }
  return at.known;
}
