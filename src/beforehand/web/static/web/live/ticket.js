// A ticket, live: what changes is sent by the server, open clocks are counted on in between.
import { Clock } from "./clock.js";
import { keys } from "./keys.js";
import { fillParts, heed, say, told } from "./page.js";
import { Stream } from "./stream.js";
import { clockOf, stand } from "./time.js";

const clock = new Clock(told);
let hours = {};

function verdict(at, paused) {
  if (at.state === "late") return `Late by ${at.words}${paused ? ", paused" : ""}`;
  const run = at.run.charAt(0).toUpperCase() + at.run.slice(1);
  if (at.left === null) return `${run}, no deadline`;
  return at.run === "running" ? `${at.words} left` : `${run}, ${at.words} left`;
}

function tick() {
  for (const card of document.querySelectorAll("article[data-hours]")) {
    const its = hours[card.dataset.hours];
    if (!its) continue;
    const at = stand(clockOf(card.dataset), its, clock.now);
    const key = `${at.state} ${at.words} ${at.usedWords} ${at.permille}`;
    if (card.painted === key) continue;
    card.painted = key;
    card.classList.remove("late", "high", "amber");
    if (at.risk) card.classList.add(at.risk);
    card.querySelector(".verdict-words").textContent = verdict(at, "paused" in card.dataset);
    card.querySelector(".used-words").textContent = at.usedWords;
    const percent = card.querySelector(".used-percent");
    if (percent) percent.textContent = `${Math.floor(at.permille / 10)}.${at.permille % 10}`;
    card.querySelector(".meter-used").setAttribute("width", (Math.min(at.permille, 1000) / 10).toFixed(1));
  }
}

function take(kind, now) {
  heed(now.version, false);
  if (kind === "beat") return;
  hours = { ...hours, ...now.hours };
  fillParts(now.parts, tick);
}

new Stream(() => told.stream, clock, take, (state, why) => say(state, why, clock));
setInterval(() => fillParts({}, tick), told.rate > 1 ? 200 : 500);
keys();
