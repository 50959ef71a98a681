// A connection that is being read shows how far it is without loading the page anew. Who reads in it is not disturbed.
const EVERY = 5000;
const WORDS = "state";

async function again() {
  const state = document.getElementById(WORDS);
  if (!state || !state.dataset.again) return;
  if (!document.hidden && !state.contains(document.activeElement)) {
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(WORDS);
      if (fresh && fresh.innerHTML !== state.innerHTML) state.replaceWith(fresh);
    } catch {
      // The server is away for a moment: it is asked again.
    }
  }
  setTimeout(again, EVERY);
}

setTimeout(again, EVERY);
