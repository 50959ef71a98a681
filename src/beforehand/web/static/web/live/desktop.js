// Alerts on the desktop: asked for by a button, remembered by this browser, told by one of its tabs alone.
const KEPT = 100; // Steps that are remembered as told.
const LEAST = 1000; // Milliseconds between two questions.

export class Desktop {
  constructor(button) {
    this.button = button;
    if (!button || !("Notification" in window) || !isSecureContext || !navigator.locks) return;
    this.can = true;
    button.parentElement.hidden = false;
    button.addEventListener("click", () => this.press());
    addEventListener("storage", (event) => event.key === "desktop" && this.begin());
    this.begin();
  }

  get on() {
    return Boolean(this.can) && localStorage.getItem("desktop") === "on" && Notification.permission === "granted";
  }

  async press() {
    if (this.on) {
      localStorage.setItem("desktop", "off");
    } else if ((await Notification.requestPermission()) === "granted") {
      localStorage.setItem("desktop", "on");
      localStorage.removeItem("desktop-since");
    }
    this.begin();
  }

  begin() {
    const denied = Notification.permission === "denied";
    this.button.setAttribute("aria-pressed", String(this.on));
    this.button.disabled = denied;
    this.button.textContent = denied ? "This browser does not let us tell you" : "Tell me on this desktop";
    if (this.on && !this.leading) this.lead();
    if (this.on) this.look();
  }

  // Of all tabs of this browser one holds the lock, until it is closed or this is switched off.
  async lead() {
    this.leading = true;
    await navigator.locks.request("beforehand-desktop", () => {
      this.leader = true;
      this.look();
      return new Promise((over) => (this.over = over));
    });
  }

  // Something has changed, or a while has passed.
  async look() {
    if (!this.on) return this.stop();
    if (!this.leader || this.looking) return;
    this.looking = true;
    const wait = (this.lookedAt ?? -LEAST) + LEAST - performance.now();
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    this.lookedAt = performance.now();
    try {
      const since = localStorage.getItem("desktop-since") ?? "";
      const answer = await fetch(`${this.button.dataset.told}?since=${since}`, { cache: "no-store", redirect: "manual" });
      if (answer.status === 200) this.tell(await answer.json(), since !== "");
    } catch {
      // No connection: the next look asks from the same instant on.
    }
    this.looking = false;
  }

  // What was told before this began is known, and not shown.
  tell({ now, told }, shows) {
    const known = JSON.parse(localStorage.getItem("desktop-told") ?? "[]");
    const fresh = told.filter((one) => !known.includes(one.key));
    localStorage.setItem("desktop-since", String(now));
    localStorage.setItem("desktop-told", JSON.stringify([...known, ...fresh.map((one) => one.key)].slice(-KEPT)));
    if (shows) for (const one of fresh) this.show(one);
  }

  show({ key, title, body, url }) {
    const notice = new Notification(title, { body, tag: `beforehand-${key}` });
    notice.addEventListener("click", () => {
      window.open(url, "_blank");
      notice.close();
    });
  }

  stop() {
    this.over?.();
    this.leader = this.leading = false;
    this.over = undefined;
  }
}
