// What explains the difference, and the draft, take longer than the figures: they are fetched once these stand, the draft
// once. While the source is being read, or tickets are read again, the figures count on: seldom where a look takes long.
// Who reads in them is not disturbed.
const EVERY = 10000;
const SHARE = 20;

async function part(address, id) {
  const old = document.getElementById(id);
  if (document.hidden || old.contains(document.activeElement)) return;
  try {
    // What could not be taken is shown under another address.
    const at = new URL(document.getElementById("look").dataset.at, location);
    const answer = await fetch(new URL(address, at), { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(id);
    if (fresh && old.querySelector("details")?.open) fresh.querySelector("details")?.setAttribute("open", "");
    if (fresh && fresh.innerHTML !== old.innerHTML) old.replaceWith(fresh);
  } catch {
    // The server is away for a moment: it is asked again.
  }
}

async function again() {
  const asks = () => {
    const { why, again: counts } = document.getElementById("look").dataset;
    return { look: why || counts, draft: document.getElementById("drafted").dataset.draft };
  };
  if (!document.getElementById("look")) return;
  const began = performance.now();
  if (asks().look) await part("?why=yes", "look");
  if (asks().draft) await part(asks().draft, "drafted");
  const wait = Math.max(EVERY, SHARE * (performance.now() - began));
  if (asks().look || asks().draft) setTimeout(again, wait);
}

again();
