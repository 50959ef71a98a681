// The server's clock, kept by this browser without its own clock or zone: an instant it sent, and the time since.
import { localClock } from "./time.js";

const JUMP = 2000; // Milliseconds by which two clocks of the machine may part before it must have slept.

export class Clock {
  constructor(told) {
    this.offsets = told.offsets;
    this.slept = () => {};
    this.set(told);
    // Some machines stop the steady clock while they sleep. The other one goes on, so that they part.
    setInterval(() => this.look(), 500);
    document.addEventListener("visibilitychange", () => this.look());
  }

  set({ now, rate, offsets }) {
    this.base = now;
    this.rate = rate;
    this.steady = performance.now();
    this.wall = Date.now();
    if (offsets) this.offsets = offsets;
  }

  // Microseconds.
  get now() {
    return Math.floor(this.base + (performance.now() - this.steady) * 1000 * this.rate);
  }

  get words() {
    return localClock(this.offsets, this.now);
  }

  look() {
    const steady = performance.now(), wall = Date.now();
    const parted = wall - this.wall - (steady - this.steady);
    // Timers that were due long since, in a page that is seen: the whole browser stood still.
    const idle = this.looked !== undefined && steady - this.looked > 15_000;
    this.looked = document.hidden ? undefined : steady;
    if (Math.abs(parted) >= JUMP) {
      // Until the server says what time it is, suppose that it slept: the worse end for us.
      if (parted > 0) this.base += parted * 1000 * this.rate;
      this.wall = wall - (steady - this.steady);
      this.jumped = true;
    }
    if ((idle || this.jumped) && !document.hidden) {
      this.jumped = false;
      this.slept();
    }
  }
}
