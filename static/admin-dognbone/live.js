// Fetches the part of the overview that changes by the second, while somebody looks at it.

import { readPage } from "../trusted.js";

const INTERVAL_MS = 5000;

const part = document.querySelector("[data-live]");

async function refresh() {
  if (!(part instanceof HTMLElement) || document.hidden) return;
  const response = await fetch(part.dataset.live ?? "", { headers: { Accept: "text/html" } });
  // A redirect means signed out: what is shown stays, and its time says how old it is.
  if (!response.ok || response.redirected) return;
  const fresh = await readPage(response);
  part.replaceChildren(...fresh.body.childNodes);
}

if (part) setInterval(() => refresh().catch(() => undefined), INTERVAL_MS);
