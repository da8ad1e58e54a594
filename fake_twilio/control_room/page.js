// Draws the control room from the control API, every two seconds and after each button.

const get = (id) => document.getElementById(id);

async function control(method, path, body) {
  const answer = await fetch(`/_fake/${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

function cell(content, kind = '') {
  const made = document.createElement('td');
  made.className = kind;
  made.append(content ?? '');
  return made;
}

function fill(id, rows) {
  const body = get(id);
  const columns = body.parentElement.querySelector('tr').cells.length;
  const none = cell('nothing yet', 'empty');
  none.colSpan = columns;
  body.replaceChildren(
    ...(rows.length ? rows : [[none]]).map((cells) => {
      const row = document.createElement('tr');
      row.append(...cells);
      return row;
    }),
  );
}

function choose(id, choices) {
  const select = get(id);
  const known = new Set([...select.options].map((option) => option.value));
  for (const [value, text] of choices) {
    if (!known.has(value)) select.add(new Option(text, value));
  }
}

function button(text, act) {
  const made = document.createElement('button');
  made.textContent = text;
  made.addEventListener('click', () => run(act));
  return made;
}

function drawCalls(calls) {
  fill('calls', calls.slice(-30).reverse().map((call) => [
    cell(call.from, 'number'),
    cell(call.to, 'number'),
    cell(call.direction),
    cell(call.error ? `${call.status} (${call.error})` : call.status, call.error ? 'bad' : ''),
    cell(call.alerts.join('; '), 'bad'),
    cell(String(call.seconds)),
    cell(call.digits, 'code'),
    cell(['queued', 'ringing', 'in-progress'].includes(call.status)
      ? button('Hang up', () => control('DELETE', `calls/${call.sid}`)) : ''),
  ]));
}

function drawWebhooks(entries) {
  fill('webhooks', entries.slice(-40).reverse().map((entry) => [
    cell(new Date(entry.at).toLocaleTimeString()),
    cell(`${entry.method} ${entry.url}`, 'code'),
    cell(entry.params.CallStatus ?? ''),
    cell(entry.error || String(entry.status ?? '…'), entry.error || entry.status >= 400 ? 'bad' : ''),
    cell(String(entry.ms)),
  ]));
}

function drawAccounts(accounts, names) {
  fill('accounts', accounts.map((account) => [
    cell(account.friendly_name),
    cell(account.sid, 'number'),
    cell(account.status, account.status === 'active' ? '' : 'bad'),
    cell(account.type),
    cell([account.rest_fault, names[account.gateway_fault] ?? ''].filter(Boolean).join('; ')),
  ]));
  choose('number', accounts.flatMap((account) =>
    account.numbers.map((number) => [number, `${number} · ${account.friendly_name}`])));
}

async function draw() {
  const [state, gateway, calls, devices, webhooks] = await Promise.all(
    ['state', 'gateway', 'calls', 'registrations', 'webhooks'].map((path) => control('GET', path)),
  );
  choose('fault', Object.entries(gateway.faults));
  if (document.activeElement !== get('fault')) get('fault').value = gateway.fault;
  drawAccounts(state.accounts, gateway.faults);
  drawCalls(calls);
  drawWebhooks(webhooks);
  const accounts = Object.fromEntries(state.accounts.map((one) => [one.sid, one.friendly_name]));
  fill('devices', devices.map((device) => [
    cell(accounts[device.account_sid]),
    cell(device.identity, 'code'),
    cell(`${device.token_kind}, until ${new Date(device.expires_at * 1000).toLocaleTimeString()}`),
  ]));
}

async function run(act) {
  try {
    get('said').textContent = (await act()) ?? '';
    await draw();
  } catch (error) {
    get('said').textContent = `That did not work: ${error.message}`;
  }
}

get('ring').addEventListener('click', () => run(async () => {
  await control('POST', 'incoming', { to: get('number').value, sound: get('sound').value });
  return `Ringing ${get('number').value}.`;
}));
get('fault').addEventListener('change', () => run(async () => {
  await control('POST', 'gateway', { fault: get('fault').value });
  return get('fault').selectedOptions[0].text;
}));
get('drop').addEventListener('click', () => run(async () => {
  const { dropped } = await control('POST', 'gateway', { drop_sockets: true });
  return `Dropped ${dropped}.`;
}));
get('recheck').addEventListener('click', () => run(async () => {
  const { refused } = await control('POST', 'gateway', { recheck: true });
  return `Refused ${refused}.`;
}));
get('reset').addEventListener('click', () => run(async () => {
  await control('POST', 'reset');
  return 'Everything is as at the start.';
}));
get('clear').addEventListener('click', () => run(() => control('DELETE', 'webhooks')));

await run(async () => '');
setInterval(() => draw().catch(() => { get('said').textContent = 'The fake does not answer.'; }), 2000);
