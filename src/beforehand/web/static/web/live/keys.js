// Single keys, where nobody is typing. They can be switched off: they are in the way of some who speak to their browser.
const dialog = document.getElementById("keys");
const on = document.getElementById("keys-on");
const KEPT = "beforehand.keys";

const typing = (element) => element.closest("input, select, textarea, [contenteditable]");

function move(rows, step) {
  const all = rows(), here = all.indexOf(document.activeElement.closest("#rows > tr"));
  const there = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1);
  const link = all[there]?.querySelector("a");
  link?.focus({ preventScroll: true });
  all[there]?.scrollIntoView({ block: "nearest" });
}

function filter() {
  const box = document.querySelector("details.filters");
  box.open = true;
  box.querySelector("select").focus();
}

function search() {
  const box = document.querySelector("details.filters");
  if (box) box.open = true;
  // The board's own before the one that finds any ticket.
  (box ?? document).querySelector("input[type=search]")?.focus();
}

function toWall() {
  const address = new URL(location.href);
  if (address.searchParams.get("wall")) address.searchParams.delete("wall");
  else address.searchParams.set("wall", "1");
  location.assign(address);
}

const board = {
  j: (rows) => move(rows, 1), k: (rows) => move(rows, -1),
  ArrowDown: (rows) => move(rows, 1), ArrowUp: (rows) => move(rows, -1),
  "/": search, f: filter, w: toWall,
};

// `rows` gives the rows of the board; without it the page is another.
export function keys(rows) {
  on.checked = localStorage.getItem(KEPT) !== "off";
  on.addEventListener("change", () => localStorage.setItem(KEPT, on.checked ? "on" : "off"));
  document.querySelector(".keys-hint").hidden = false;
  document.getElementById("keys-open").addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open || typing(event.target)) return;
    const arrow = event.key.startsWith("Arrow");
    // Arrows scroll the page, but inside the rows they move.
    if (arrow ? !event.target.closest("#rows") : !on.checked) return;
    const act = event.key === "?" ? () => dialog.showModal() : rows ? board[event.key] : event.key === "b" ? back : undefined;
    if (!act || (document.body.classList.contains("wall") && (act === filter || act === search))) return;
    event.preventDefault();
    act(rows);
  });
}

function back() {
  document.querySelector("[data-key=back]").click();
}
