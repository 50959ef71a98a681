// Business time, counted as the server counts it (clock.md 1.4, 1.5, 5.4). Pure: instants and durations are whole
// microseconds, `now` is handed in, and the words are the server's own, character for character.
const UNITS = [60_000_000, 1_000_000, 1000, 1];
const NAMES = [[3_600_000_000, "h"], [60_000_000, "m"], [1_000_000, "s"], [1000, "ms"], [1, "µs"]];
const NO_TARGET = 2 ** 54;

// Business time in [start, end) over windows [opens, closes) in order.
export function between(windows, start, end) {
  let sum = 0;
  for (const [opens, closes] of windows) {
    if (opens >= end) break;
    if (closes > start) sum += Math.min(closes, end) - Math.max(opens, start);
  }
  return sum;
}

const up = (micros, unit) => Math.ceil(micros / unit) * unit;
const down = (micros, unit) => Math.floor(micros / unit) * unit;

// The coarsest unit in which no kept promise looks broken.
export function unitOf(used, target) {
  return UNITS.find((unit) => unit <= target && (used > target || up(used, unit) <= down(target, unit))) ?? 1;
}

// "1 h 12 m", with blanks that no end of a line can part.
export function amount(micros) {
  const parts = [];
  let rest = Math.abs(micros);
  for (const [unit, name] of NAMES) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count) parts.push(`${String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f")}\u00a0${name}`);
  }
  return (micros < 0 ? "-" : "") + (parts.join("\u00a0") || "0\u00a0m");
}

// A clock as its row carries it, brought up to `now`. `hours` are the windows of its coverage.
export function stand(clock, hours, now) {
  const { windows, opens, until } = hours;
  const waits = clock.ahead && now < clock.at;
  const used = clock.used + (clock.paused || waits ? 0 : between(windows, clock.at, now));
  const open = windows.some(([from, to]) => from <= now && now < to);
  const run = clock.paused ? "paused" : waits ? "not started" : open ? "running" : "off hours";
  const next = run === "off hours" ? windows.findIndex(([from]) => from > now) : -1;
  const left = clock.target >= NO_TARGET ? null : clock.target - used;
  const late = left !== null && (left < 0 || clock.broken);
  const unit = unitOf(used, clock.target);
  const permille = Math.floor((used * 1000) / clock.target);
  return {
    run, used, left, permille,
    state: late ? "late" : left === 0 && run === "off hours" ? "used up" : run,
    risk: late ? "late" : permille < 500 ? "" : permille < 900 ? "amber" : "high",
    words: left === null ? "" : late ? amount(up(-left, unit)) : amount(down(left, unit)),
    usedWords: amount(up(used, unit)),
    goesOn: next < 0 ? "" : opens[next],
    known: now < until,
  };
}

// What the state's cell says; a paused clock's is the server's, since time alone never changes it.
export function stateWords(at, waits) {
  if (at.state === "late") return waits ? `late, ${waits}` : "late";
  if (at.state === "used up") return `used up, late from ${at.goesOn}`;
  if (at.state === "off hours") return at.goesOn ? `off hours until ${at.goesOn}` : "off hours";
  return at.state;
}

// "14:02" on the viewer's clock: `offsets` are [from, offset] by the server's rules, not the machine's.
export function localClock(offsets, now) {
  let shift = 0;
  for (const [from, offset] of offsets) if (from <= now) shift = offset;
  const minutes = Math.floor((now + shift) / 60_000_000) % 1440;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

// The clock that an element carries.
export function clockOf(data) {
  return {
    used: +data.used, at: +data.at, target: +data.target,
    paused: "paused" in data, broken: "broken" in data, ahead: data.state === "not started",
  };
}
