// @ts-check
/**
 * On the page for signing in: the worker of whoever was signed in here goes. It sees most people sign out, but not
 * where that was done elsewhere, nor before it was there itself: one that is still coming is told once it has come.
 */

void navigator.serviceWorker?.ready.then(({ active }) => active?.postMessage({ type: "signed-out" }));
