// The stream from the server: read, watched, and opened again by itself. `on` takes each message, `say` each state.
const SILENCE = 25_000; // The server says something every ten seconds.
const HIDDEN = 300_000; // A page nobody sees gives its connection back: browsers have six for all pages together.
const LONGEST = 15_000;

export class Stream {
  constructor(address, clock, on, say) {
    Object.assign(this, { address, clock, on, say, tries: 0, ended: false });
    clock.slept = () => this.again("catching up");
    addEventListener("online", () => this.again("connecting"));
    addEventListener("offline", () => this.lose());
    addEventListener("pageshow", (event) => event.persisted && this.again("catching up"));
    addEventListener("pagehide", () => this.close());
    document.addEventListener("visibilitychange", () => this.seen());
    setInterval(() => this.watch(), 1000);
    this.open();
  }

  async open() {
    clearTimeout(this.timer);
    const stop = (this.stop = new AbortController());
    this.heard = performance.now();
    try {
      const answer = await fetch(this.address(), { signal: stop.signal, cache: "no-store", redirect: "manual" });
      if (answer.status !== 200) return this.refused(answer);
      await this.read(answer.body.pipeThrough(new TextDecoderStream()).getReader(), stop);
    } catch {
      // Broken off: what follows is the same for every reason.
    }
    if (this.stop === stop) this.lose();
  }

  async read(reader, stop) {
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done || this.stop !== stop) return;
      this.heard = performance.now();
      const parts = (rest + value).split("\n\n");
      rest = parts.pop();
      for (const part of parts) this.take(part);
    }
  }

  take(part) {
    const [, kind, data] = /^event: (\S+)\ndata: (.*)$/s.exec(part);
    const told = JSON.parse(data);
    if ("now" in told) this.clock.set(told);
    if (kind === "signed-out") return this.finish("signed out");
    if (kind === "stopping" || kind === "again") return; // The end of the stream follows.
    this.tries = 0;
    this.why = "";
    if (kind === "whole" || this.state !== "live") this.tell("live");
    this.on(kind, told);
  }

  async refused(answer) {
    if (answer.status === 401) return this.finish("signed out");
    if (answer.status === 204 || answer.status === 404) return this.finish("not live");
    this.why = answer.status === 429 ? await answer.text() : "";
    this.tries += 2;
    this.lose();
  }

  start() {
    this.ended = false;
    this.open();
  }

  // Nothing more will come: `state` says why.
  finish(state) {
    this.ended = true;
    this.close();
    this.tell(state);
    // Somebody may sign in again in another window; a wall has no hand to load the page anew.
    if (state === "signed out") this.timer = setTimeout(() => this.start(), 30_000);
  }

  lose() {
    if (this.ended || this.resting) return;
    this.close();
    this.tell("lost");
    // All browsers lose a server at the same moment, and must not all come back at the same moment.
    const wait = Math.min(LONGEST, 400 * 2 ** this.tries++) * (0.5 + Math.random());
    this.timer = setTimeout(() => this.open(), wait);
  }

  again(state) {
    if (this.ended) return;
    this.close();
    this.resting = false;
    this.tell(state);
    this.tries = 0;
    this.open();
  }

  close() {
    clearTimeout(this.timer);
    const stop = this.stop;
    this.stop = undefined;
    stop?.abort();
  }

  watch() {
    if (this.stop && performance.now() - this.heard > SILENCE) this.lose();
  }

  seen() {
    clearTimeout(this.unseen);
    if (!document.hidden) return this.resting && this.again("catching up");
    // Whoever is told on the desktop is told by a page that nobody sees.
    if (this.stays?.()) return;
    this.unseen = setTimeout(() => {
      this.resting = true;
      this.close();
    }, HIDDEN);
  }

  tell(state) {
    this.state = state;
    this.say(state, this.why ?? "");
  }
}
