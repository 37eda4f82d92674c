// npm Emmett under the ledger's work: emmett_peer.js URL WORK CLIENTS.
//
// A stream per card, handled by its CommandHandler; the read models by an inline projection, in the transaction
// of the events. One process runs on one core, so the clients are in two. `bench/ledger/src/peers.rs` says how
// it is spoken to.

import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [url, path, clientsText, index] = process.argv.slice(2);
const clients = Number(clientsText);

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function worker(share, ofShares) {
  // From where the packages were installed, which is not beside this file.
  const require = createRequire(`${process.env.PEER_MODULES ?? process.cwd()}/`);
  const { CommandHandler } = require('@event-driven-io/emmett');
  const { getPostgreSQLEventStore, postgreSQLRawBatchSQLProjection } = require('@event-driven-io/emmett-postgresql');
  const { SQL } = require('@event-driven-io/dumbo');
  const pg = require('pg');

  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const templates = JSON.parse(head).statements.map((text) => {
    const strings = text.split(/\$\d+/);
    strings.raw = strings;
    return strings;
  });
  const scans = [];
  const units = lines.map((line) => {
    const first = scans.length;
    scans.push(...JSON.parse(line));
    return [first, scans.length];
  });
  const eventTypes = [...new Set(scans.flatMap((scan) => scan.events.map((event) => event.type)))];

  const readModels = postgreSQLRawBatchSQLProjection({
    name: 'read_models',
    canHandle: eventTypes,
    evolve: (events) =>
      events
        .filter((event) => event.data.scan !== null)
        .flatMap((event) => scans[event.data.scan].writes)
        .map(([statement, values]) => SQL(templates[statement], ...values)),
  });
  const pool = new pg.Pool({ connectionString: url, max: clients });
  const store = getPostgreSQLEventStore(url, {
    connectionOptions: { pool },
    projections: [{ type: 'inline', projection: readModels }],
    schema: { autoMigration: share === 0 ? 'CreateOrUpdate' : 'None' },
  });
  if (share === 0) await store.schema.migrate();
  const handle = CommandHandler({
    initialState: () => ({ events: 0 }),
    evolve: (card) => ({ events: card.events + 1 }),
  });

  let next = share;
  let stop = false;
  let measuring = false;
  let done = 0;
  let retries = 0;
  const latencies = [];
  const client = async () => {
    while (!stop && next < units.length) {
      const [first, end] = units[next];
      next += ofShares;
      for (let number = first; number < end; number += 1) {
        const scan = scans[number];
        const events = scan.events.map(({ type, data, ...rest }, i) => ({
          type,
          data: { ...data, ...rest, scan: i === 0 ? number : null },
        }));
        const start = performance.now();
        for (;;) {
          try {
            await handle(store, `card_unit-${scan.stream}`, () => events);
            break;
          } catch (error) {
            if (error?.errorCode !== 412 && error?.code !== '40P01') throw error;
            if (measuring) retries += 1;
          }
        }
        if (measuring) {
          done += 1;
          latencies.push(performance.now() - start);
        }
      }
    }
  };
  // Every connection once, so that none is opened while time is measured.
  const all = await Promise.all(Array.from({ length: clients }, () => pool.connect()));
  all.forEach((one) => one.release());
  process.send({ ready: true });
  process.once('message', async ({ warmUp, measured }) => {
    const running = Array.from({ length: clients }, client);
    await sleep(warmUp);
    measuring = true;
    const start = performance.now();
    await sleep(measured);
    measuring = false;
    stop = true;
    const seconds = (performance.now() - start) / 1000;
    await Promise.all(running);
    process.send({ done, seconds, latencies, retries });
    await store.close();
    process.exit(0);
  });
}

async function main() {
  const shares = Math.min(2, clients);
  const workers = [];
  const answer = (one, what) =>
    new Promise((resolve, reject) => {
      const listen = (message) => {
        if (what in message) {
          one.off('message', listen);
          resolve(message);
        }
      };
      one.on('message', listen);
      one.once('exit', (code) => (code === 0 ? undefined : reject(new Error(`a worker ended with ${code}`))));
    });
  for (let share = 0; share < shares; share += 1) {
    const one = fork(process.argv[1], [url, path, String(clients / shares), `${share}/${shares}`]);
    workers.push(one);
    await answer(one, 'ready'); // one after the other: the first makes the tables
  }
  console.log('ready');
  const line = await new Promise((resolve) => createInterface({ input: process.stdin }).once('line', resolve));
  const [warmUp, measured] = line.split(' ').slice(1).map(Number);
  const answers = workers.map((one) => answer(one, 'done'));
  workers.forEach((one) => one.send({ warmUp, measured }));
  const seen = await Promise.all(answers);
  const sum = (of) => seen.reduce((total, one) => total + of(one), 0);
  const latencies = seen.flatMap((one) => one.latencies).sort((a, b) => a - b);
  const quantile = (share) => latencies[Math.floor((latencies.length - 1) * share)] ?? 0;
  const seconds = sum((one) => one.seconds) / seen.length;
  console.log(`done ${sum((one) => one.done)} ${seconds} ${quantile(0.5)} ${quantile(0.99)} ${sum((one) => one.retries)} 0`);
  process.exit(0);
}

if (index === undefined) {
  await main();
} else {
  await worker(...index.split('/').map(Number));
}
