// The form of a ladder without loading the page anew: buttons that add, remove or preview send it as they do without
// this, and what comes back takes its place. What is changed is previewed by itself.
const form = document.getElementById("ladder");
const WAIT = 600;
let asked = 0;

async function send(name, value) {
  const turn = ++asked;
  const data = new FormData(form);
  data.append(name, value);
  const answer = await fetch(location.pathname + location.search, { method: "POST", body: data });
  if (!answer.ok && answer.status !== 400) throw new Error(`${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return turn === asked ? page.getElementById("ladder") : null;
}

form.addEventListener("submit", async (event) => {
  const by = event.submitter;
  if (!by || by.value === "save") return;
  event.preventDefault();
  clearTimeout(waiting);
  try {
    const fresh = await send(by.name, by.value);
    if (!fresh) return;
    const to = by.getAttribute("formaction");
    form.replaceChildren(...fresh.childNodes);
    settle(to, by.value);
  } catch {
    // The server will say itself what is the matter.
    const said = document.createElement("input");
    Object.assign(said, { type: "hidden", name: by.name, value: by.value });
    form.append(said);
    form.submit();
  }
});

// To where something was added or taken away.
function settle(to, value) {
  const there = form.querySelector(to);
  if (!there) return;
  const fields = [...there.querySelectorAll("input:not([type=hidden]), select")];
  let field = fields[0];
  if (value.startsWith("link+")) field = [...there.querySelectorAll(".links li:last-child select")][0];
  if (value.startsWith("fit+")) field = [...there.querySelectorAll(".fit:last-of-type select")][0];
  if (to === "#preview") {
    there.focus();
    there.scrollIntoView({ block: "nearest" });
  } else (field ?? there).focus();
}

let waiting;
form.addEventListener("change", () => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const fresh = await send("do", "look").catch(() => null);
    const preview = form.querySelector("#preview .seen");
    const seen = fresh?.querySelector("#preview .seen");
    if (preview && seen) preview.replaceChildren(...seen.childNodes);
  }, WAIT);
});
