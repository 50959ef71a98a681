// What explains the difference takes a moment longer than the figures: it is fetched once these stand. While the source
// is being read, or tickets are read again, the figures count on: seldom where a look takes long. Who reads in them is
// not disturbed.
const EVERY = 10000;
const SHARE = 20;

async function renew(address) {
  const look = document.getElementById("look");
  if (document.hidden || look.contains(document.activeElement)) return;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("look");
    if (fresh && look.querySelector("details")?.open) fresh.querySelector("details")?.setAttribute("open", "");
    if (fresh && fresh.innerHTML !== look.innerHTML) look.replaceWith(fresh);
  } catch {
    // The server is away for a moment: it is asked again.
  }
}

async function again() {
  const look = document.getElementById("look");
  if (!look) return;
  const began = performance.now();
  if (look.dataset.why || look.dataset.again) await renew("?why=yes");
  const wait = Math.max(EVERY, SHARE * (performance.now() - began));
  if (document.getElementById("look").dataset.again || document.getElementById("look").dataset.why) setTimeout(again, wait);
}

again();
