import assert from "node:assert/strict";
import test from "node:test";

import { isMoreThanStatus, showIn, wordsBeside, wordsOfWhere } from "../../../static/phone/page/whereabouts.js";

const board = (more = {}) => ({ calls: [], notice: "", ending: null, digits: "", isKeypadOpen: false, microphone: "", ...more });
const where = (more = {}) => ({ kind: "tab", elsewhere: null, hasSpares: false, move: "", ...more });
const say = (place, calls = []) => wordsOfWhere({ where: where(place), board: board({ calls }), serverAhead: 0 });

test("a tab that is the phone says so only where there are others", () => {
  assert.equal(say({ kind: "here" }), "");
  assert.equal(wordsBeside(where({ kind: "here" })), "");
  assert.equal(wordsBeside(where({ kind: "here", hasSpares: true })), "· in this tab");
});

test("a spare says where the phone is, who calls there, and where the sound of a call is", () => {
  assert.equal(wordsBeside(where()), "· in another tab");
  assert.match(say(), /The phone is in another tab\./);
  assert.match(say({}, [{ status: "pending", name: "Bob" }]), /^Bob is calling: it rings in another tab/);
  assert.match(say({}, [{ status: "pending", name: "" }]), /^Somebody is calling/);
  assert.match(say({}, [{ status: "open", name: "Bob" }]), /its sound/);
  assert.match(say({ move: "waiting" }, [{ status: "open", name: "Bob" }]), /^The call stays where its sound is/);
  assert.match(say({ move: "coming" }), /coming to this tab/);
  assert.match(say({ move: "failed" }), /still in the other one/);
});

test("what the status says is said by it alone, and what it does not is said besides", () => {
  const isMore = (place, calls = []) => isMoreThanStatus({ where: where(place), board: board({ calls }) });
  assert.equal(isMore({}), false);
  assert.equal(isMore({ kind: "browser", elsewhere: { where: "Chrome on Windows", since: 0 } }), false);
  for (const move of ["coming", "waiting", "failed"]) assert.equal(isMore({ move }), true);
  for (const status of ["pending", "open"]) assert.equal(isMore({}, [{ status, name: "Bob" }]), true);
});

test("another browser is called by its name and since when it has the phone", () => {
  const since = new Date().setHours(9, 5, 0, 0);
  const elsewhere = { where: "Chrome on Windows", since };
  assert.equal(wordsBeside(where({ kind: "browser", elsewhere })), "· in Chrome on Windows");
  assert.equal(wordsBeside(where({ kind: "browser", elsewhere: { where: "", since: null } })), "· in another browser");
  const words = say({ kind: "browser", elsewhere });
  assert.match(words, /^The phone is in Chrome on Windows, since .*0?9.05/);
  assert.match(say({ kind: "browser", elsewhere: { where: "", since: null } }), /another browser or on another machine\.$/);
  assert.match(say({ kind: "browser", elsewhere }, [{ status: "open", name: "Bob" }]), /This call stays here/);
});

test("a day before today is said, too", () => {
  const since = Date.parse("2020-02-29T12:00:00Z");
  assert.match(say({ kind: "browser", elsewhere: { where: "Firefox on Linux", since } }), /2020/);
});

test("a spare shows the phone's calls, and what is said of what was typed in it", () => {
  const own = { board: board({ notice: "No number.", ending: { cause: "invalid_number" } }), canCall: true, serverAhead: 0 };
  const told = { board: board({ calls: [{ id: "one" }], notice: "Bob was busy." }), canCall: false, serverAhead: 7 };
  const shown = showIn({ own, told });
  assert.deepEqual([shown.board.calls, shown.canCall, shown.serverAhead], [[{ id: "one" }], false, 7]);
  assert.deepEqual([shown.board.notice, shown.board.ending], ["No number.", { cause: "invalid_number" }]);
  assert.equal(showIn({ own: { ...own, board: board() }, told }).board.notice, "Bob was busy.");
  assert.deepEqual(showIn({ own, told: null }), own);
});
