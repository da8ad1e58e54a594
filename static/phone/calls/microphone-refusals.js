// @ts-check
/** Why a browser gave no microphone: what its names for that mean; any other name leaves open why none could be opened. */
export const REFUSALS = /** @type {Record<string, string>} */ ({
  NotAllowedError: "microphone_denied",
  PermissionDeniedError: "microphone_denied",
  SecurityError: "microphone_denied",
  InsecurePage: "microphone_insecure",
  NotFoundError: "microphone_none",
  DevicesNotFoundError: "microphone_none",
  NotReadableError: "microphone_in_use",
  TrackStartError: "microphone_in_use",
  AbortError: "microphone_in_use",
});
