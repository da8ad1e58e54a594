/**
 * Looks at pages with Lighthouse, in a Chromium that runs already; one line of JSON for each look.
 *
 * Its one argument is JSON: the Chromium's `port`, `pages` as `{name, url}`, `presets` ("mobile", "desktop"), and
 * `settings` of Lighthouse's own that go over the preset's:
 * https://github.com/GoogleChrome/lighthouse/blob/main/docs/configuration.md.
 */

import lighthouse, { desktopConfig } from "lighthouse";

const FIGURES = {
  fcp: "first-contentful-paint",
  lcp: "largest-contentful-paint",
  tbt: "total-blocking-time",
  cls: "cumulative-layout-shift",
  bytes: "total-byte-weight",
};

const { port, pages, presets, settings } = JSON.parse(process.argv[2] ?? "{}");
for (const { name, url } of pages) {
  for (const preset of presets) {
    const flags = { port, output: "json", logLevel: "error", ...settings };
    const found = await lighthouse(url, flags, preset === "desktop" ? desktopConfig : undefined);
    console.log(JSON.stringify({ name, preset, ...read(found.lhr) }));
  }
}

/** What matters of a report. */
function read({ categories, audits, finalDisplayedUrl, runtimeError }) {
  const scores = Object.fromEntries(Object.values(categories).map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]));
  const figures = Object.fromEntries(
    Object.entries(FIGURES)
      .filter(([, id]) => audits[id])
      .map(([name, id]) => [name, audits[id].numericValue ?? null]),
  );
  return { url: finalDisplayedUrl, error: runtimeError?.message ?? "", scores, figures, faults: listFaults(categories, audits) };
}

/** What takes from a score, and where it was seen. */
function listFaults(categories, audits) {
  return Object.values(categories).flatMap((category) =>
    category.auditRefs
      .filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 0.9)
      .map(({ id }) => ({
        category: category.id,
        audit: id,
        title: audits[id].title,
        seen: JSON.stringify(audits[id].details?.items ?? audits[id].displayValue ?? "").slice(0, 600),
      })),
  );
}
