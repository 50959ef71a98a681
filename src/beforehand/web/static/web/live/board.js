// The board, live.
import { Clock } from "./clock.js";
import { Desktop } from "./desktop.js";
import { keys } from "./keys.js";
import { fillParts, heed, say, told } from "./page.js";
import { paint, patch, rows } from "./rows.js";
import { Stream } from "./stream.js";
import { Wall } from "./wall.js";

const clock = new Clock(told);
const desktop = new Desktop(document.getElementById("desktop"));
const wall = document.body.classList.contains("wall") ? new Wall(clock) : undefined;
const asOf = document.getElementById("as-of");
const spoken = document.getElementById("live-spoken");
let have = told.have, hours = {}, state = "", spokenAt = 0;

function take(kind, now) {
  heed(now.version, wall);
  desktop.look();
  if (kind === "beat") return;
  hours = kind === "whole" ? now.hours : { ...hours, ...now.hours };
  have = now.rev;
  patch(now.rows, now.order, state === "live" && kind === "change");
  fillParts(now.parts);
  if ("late" in now) count(now.late);
  state = "live";
  tick();
}

function count(late) {
  document.title = document.title.replace(/^(\d+ late · )?/, late ? `${late} late · ` : "");
  // For those who listen: a sentence, and not more than one a minute.
  if (performance.now() - spokenAt < 60_000 || spoken.dataset.late === String(late)) return;
  if (spoken.dataset.late) {
    spoken.textContent = late === 1 ? "1 clock is late now" : `${late} clocks are late now`;
    spokenAt = performance.now();
  }
  spoken.dataset.late = late;
}

function tick() {
  const known = paint(hours, clock.now);
  if (document.documentElement.dataset.live === "live") asOf.textContent = clock.words;
  document.documentElement.classList.toggle("unknown", !known);
  wall?.tick(rows());
}

const address = () => {
  const glue = told.stream.endsWith("?") ? "" : "&";
  return `${told.stream}${glue}have=${have}`;
};
const stream = new Stream(address, clock, take, (now, why) => {
  if (now !== "live") state = now;
  say(now, why, clock);
});
stream.stays = () => desktop.on && desktop.leader;
setInterval(tick, told.rate > 1 ? 200 : 500);
keys(rows);
