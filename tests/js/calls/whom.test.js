import assert from "node:assert/strict";
import test from "node:test";

import * as library from "libphonenumber-js/max";

import { readWanted } from "../../../static/phone/calls/dialling/links.js";
import { useLibrary } from "../../../static/phone/calls/dialling/plans.js";
import { read } from "../../../static/phone/calls/dialling/reading.js";
import { describeTyped, formatAddress, groupAsTyped, isNumber } from "../../../static/phone/calls/dialling/showing.js";
import { findWhom } from "../../../static/phone/calls/whom.js";

const place = { home: "US", countries: ["US"], emergency: { US: "112|911" } };
const bob = { name: "Bob Smith", email: "bob@example.com" };
const colleagues = [bob, { name: "911", email: "eve@example.com" }, { name: "Sam", email: "sam@one.example" }];

test("before the library is there, a call's number is shown all the same, and the server decides", () => {
  assert.equal(formatAddress("+12025550199"), "+1 202 555 0199");
  assert.equal(formatAddress("+4930901820"), "+4930901820");
  assert.equal(findWhom("BOB@example.com ", colleagues, place).to, "bob@example.com");
  const { to, isCertain } = findWhom(" 0049 30 901820", colleagues, place);
  assert.deepEqual([to, isCertain], ["0049 30 901820", false]);
});

test("with it, every number is shown in its country's groups", () => {
  useLibrary(library);
  const shown = { "+498912345678": "+49 89 12345678", "+33142685300": "+33 1 42 68 53 00", "+12025550199": "+1 202 555 0199" };
  for (const [number, groups] of Object.entries(shown)) assert.equal(formatAddress(number), groups);
  assert.equal(formatAddress("+14385550100,227"), "+1 438 555 0100, then 227");
  assert.equal(formatAddress("+14385550100,,2,3#"), "+1 438 555 0100, then 2 … 3#");
  for (const other of ["bob", "anonymous", "", "+"]) assert.equal(formatAddress(other), other);
  assert.equal(formatAddress("client:bob"), "bob");
});

test("a colleague is called by e-mail address or by name, always by the address that leads to no other", () => {
  for (const typed of ["bob@example.com", "Bob Smith", " bob  smith ", "BOB", "client:bob", "Bob\u200b Smith", "\u202abob@example.com"]) {
    assert.deepEqual(findWhom(typed, colleagues, place), { to: bob.email, name: bob.name, refusal: "", cause: "", isCertain: true });
  }
});

test("a number is called also where a colleague is named like it", () => {
  assert.match(findWhom("911", colleagues, place).refusal, /emergency/);
  const namesake = { name: "+44 20 7946 0958", email: "eve@example.com" };
  assert.equal(findWhom(namesake.name, [namesake], place).to, "+442079460958");
});

test("an extension goes along, and is not part of what is shown as the number", () => {
  const { to, name } = findWhom("+1 438 555 0100 x227", colleagues, place);
  assert.deepEqual([to, name], ["+14385550100,227", "+1 438 555 0100"]);
  assert.deepEqual(read(to, place).after, ",227");
});

test("the server is asked about words, which may be a new colleague, and about all while numbers cannot be told", () => {
  for (const typed of ["nobody", "eve@elsewhere.example", "Room 101"]) {
    assert.ok(!findWhom(typed, colleagues, place).isCertain, typed);
  }
  for (const typed of ["911", "555-0170", "2025550199", "Sam"]) {
    assert.ok(findWhom(typed, colleagues, place).isCertain, typed);
  }
});

test("words that are neither number nor colleague are refused, and so are two of one name", () => {
  assert.equal(findWhom("nobody", colleagues, place).refusal, "nobody is neither a colleague nor a phone number.");
  const twice = [...colleagues, { name: "sam", email: "sam@two.example" }];
  assert.match(findWhom("Sam", twice, place).refusal, /2 people called Sam/);
});

const typing = [
  ["US", "4155550132", "(415) 555-0132"],
  ["GB", "02079460958", "020 7946 0958"],
  ["DE", "08912345678", "089 12345678"],
  ["FR", "0764019408", "07 64 01 94 08"],
  ["CH", "0446681800", "044 668 18 00"],
  ["IT", "0612345678", "06 1234 5678"],
  ["AU", "0293744000", "(02) 9374 4000"],
  ["HU", "0612345678", "(06 1) 234 5678"],
  ["BR", "11987654321", "(11) 98765-4321"],
  ["US", "+390612345678", "+39 06 1234 5678"],
  ["US", "+44 (0)20", "+44 (0)20"],
  ["US", "*100#", "*100#"],
  ["US", "bob", "bob"],
];
for (const [home, typed, grouped] of typing) {
  test(`“${typed}” typed in ${home} is grouped as “${grouped}”`, () => {
    const keyed = /^\+?\d+$/.test(typed) ? [...typed].reduce((sofar, key) => groupAsTyped(sofar + key, home), "") : "";
    assert.equal(keyed || groupAsTyped(typed, home), grouped);
  });
}

test("no digit is lost or won by grouping, wherever one stops", () => {
  for (const home of library.getCountries()) {
    for (const number of ["0012345678901234", "+4420794609581", "110119", "0111234567", "8001234567890"]) {
      let typed = "";
      for (const [index, digit] of [...number].entries()) {
        typed = groupAsTyped(typed + digit, home);
        assert.equal(typed.replace(/[^+\d]/g, ""), number.slice(0, index + 1), home);
      }
    }
  }
});

test("the country is shown while one types, and then the number that will be called", () => {
  const describe = (typed, home = "US") => describeTyped(typed, read(typed, { ...place, home }), home);
  assert.equal(describe("415"), "United States");
  assert.equal(describe("089", "DE"), "Germany");
  assert.equal(describe("+49 8"), "Germany");
  assert.equal(describe("0044 2", "DE"), "United Kingdom");
  assert.equal(describe("020 7946 0958", "GB"), "United Kingdom · +44 20 7946 0958");
  assert.equal(describe("1-800-FLOWERS"), "United States · +1 800 356 9377");
  assert.equal(describe("+41 44 668 18 00 x12"), "Switzerland · +41 44 668 18 00, then 12 after the answer");
  for (const none of ["+", "+3", "bob", "*100#"]) assert.equal(describe(none), "");
});

test("a number is told from a name", () => {
  for (const number of ["+12025550199", "+1 202 555 0199", "911"]) assert.ok(isNumber(number), number);
  for (const name of ["Bob", "bob@example.com", "client:x", "", "Room 101", "anonymous"]) assert.ok(!isNumber(name), name);
});

const links = {
  "?call=%2B12025550170": "+12025550170",
  "?call=+12025550170": "+12025550170",
  "?call=%2012025550170": "+12025550170",
  "?call=+44+20+7946+0958": "+44 20 7946 0958",
  "?call=tel:+442079460958": "tel:+442079460958",
  "?call=tel%3A+442079460958": "tel:+442079460958",
  "?call=tel://+442079460958": "tel://+442079460958",
  "?call=tel%3A%252B442079460958": "tel:%2B442079460958",
  "?call=++442079460958": " +442079460958",
  "?call=(+44)+20+7946+0958": "(+44) 20 7946 0958",
  "?call=(020)+7946+0958": "(020) 7946 0958",
  "?call=Front+desk:+020+7946": "Front desk:+020 7946",
  "?call=web%2Btel:+442079460958": "web+tel:+442079460958",
  "?call=%E2%80%AA+442079460958": "\u202a+442079460958",
  "?call=tel:2079460958;phone-context=+44": "tel:2079460958;phone-context=+44",
  "?call=tel%3A2079460958%3Bphone-context%3D+44": "tel:2079460958;phone-context=+44",
  "?from=mail&call=Bob+Smith": "Bob Smith",
  "?call=bob%40example.com&x=1": "bob@example.com",
  "?call=%FF": "\ufffd",
  "?call=": "",
  "?recall=x": "",
  "": "",
};
for (const [query, wanted] of Object.entries(links)) {
  test(`the link ${query || "without a query"} asks for “${wanted}”`, () => assert.equal(readWanted(query), wanted));
}
