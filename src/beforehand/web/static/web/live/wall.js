// The wall: as many rows as fit, turned over while more are late than fit; a clock; the screen kept awake.
const TURN = 12_000;

export class Wall {
  constructor(clock) {
    this.clock = clock;
    this.face = document.getElementById("wall-clock");
    this.page = 0;
    this.turned = performance.now();
    this.wake();
    document.addEventListener("visibilitychange", () => this.wake());
  }

  // Only over https or on this machine, only while seen; without it the screen's own setting holds.
  async wake() {
    if (document.hidden || !navigator.wakeLock) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
    } catch {
      this.lock = undefined;
    }
  }

  tick(rows) {
    this.face.textContent = this.clock.words;
    const shown = rows.find((row) => !row.hidden);
    if (!shown) return;
    const room = innerHeight - shown.closest("tbody").getBoundingClientRect().top - this.foot();
    const fit = Math.max(Math.floor(room / shown.getBoundingClientRect().height), 1);
    // What is not late yet can wait for its turn; what is late is shown, page by page.
    const late = rows.filter((row) => row.classList.contains("late")).length;
    const pages = Math.max(Math.ceil(late / fit), 1);
    if (performance.now() - this.turned > TURN) {
      this.turned = performance.now();
      this.page += 1;
    }
    this.page %= pages;
    const first = Math.max(Math.min(this.page * fit, rows.length - fit), 0);
    rows.forEach((row, k) => (row.hidden = k < first || k >= first + fit));
    const last = Math.min(first + fit, rows.length);
    document.getElementById("wall-rows").textContent =
      rows.length > fit ? `${first + 1} to ${last} of ${document.querySelector("[data-part=count]").textContent.trim()}` : "";
  }

  foot() {
    return document.querySelector(".wall-foot").getBoundingClientRect().height + 12;
  }
}
