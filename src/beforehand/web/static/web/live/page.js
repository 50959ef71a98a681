// What live pages share: the page's own data, patches that leave focus, scroll and open details where they were, and
// the line that says how things stand.
export const told = JSON.parse(document.getElementById("live").textContent);

const FOCUS = "a[href], button, input, select, textarea, summary, [tabindex]";

export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

// New content for an element.
export function fill(element, html) {
  const focus = [...element.querySelectorAll(FOCUS)].indexOf(document.activeElement);
  const open = [...element.querySelectorAll("details")].map((details) => details.open);
  const scrolled = [...element.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
  element.replaceChildren(fragment(html));
  const details = element.querySelectorAll("details");
  if (details.length === open.length) details.forEach((one, k) => (one.open = open[k]));
  element.querySelectorAll(".scroll").forEach((box, k) => (box.scrollLeft = scrolled[k] ?? 0));
  if (focus >= 0) element.querySelectorAll(FOCUS)[focus]?.focus({ preventScroll: true });
}

// Parts are named where they stand. One in which somebody marks text waits until that is over.
const waiting = new Map();
export function fillParts(parts, then = () => {}) {
  for (const [name, html] of Object.entries(parts ?? {})) waiting.set(name, html);
  const marked = getSelection();
  for (const [name, html] of waiting) {
    const part = document.querySelector(`[data-part="${name}"]`);
    if (!marked.isCollapsed && part.contains(marked.anchorNode)) continue;
    waiting.delete(name);
    fill(part, html);
  }
  then();
}

// The line on top. `role=status` reads it out, so it changes only when the state does.
const line = document.getElementById("live-state");
let said = "";
export function say(state, why, clock) {
  if (said === state || (said === "lost" && ["catching up", "connecting"].includes(state))) return;
  said = state;
  const words = {
    live: "Live",
    connecting: "Connecting",
    "catching up": "Catching up: this page was asleep",
    lost: `Connection lost at ${clock.words}, trying again. What is shown is as of then; time goes on counting. ${why}`,
    "signed out": "You are signed out: this page is not kept up to date any more.",
    "not live": "Not live: load the page again to see what has changed.",
  };
  line.className = `live ${state.replace(" ", "-")}`;
  line.replaceChildren(words[state]);
  if (state === "signed out") {
    const next = encodeURIComponent(location.pathname + location.search);
    line.append(" ", ...fragment(`<a href="/sign-in/?next=${next}">Sign in again</a>`).childNodes);
  }
  document.documentElement.dataset.live = state;
}

// A server of another version sends other pages. A wall loads them by itself, once nothing old is kept any more.
export function heed(version, wall) {
  if (!version || version === told.version || heed.done) return;
  heed.done = true;
  if (wall) setTimeout(() => location.reload(), 65_000 + Math.random() * 30_000);
  else document.getElementById("live-new").hidden = false;
}
