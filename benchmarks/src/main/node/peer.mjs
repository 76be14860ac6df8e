// What the peers have in common: the works, and a loop that takes them as lines of JSON on stdin and answers each with
// one line on stdout. A peer brings a driver:
//
//   version                                 for the report
//   producer(): Promise<{add(data), addMany(list), addDelayed(list, millis), close()}>
//   worker(concurrency, start, done): Promise<{close()}>
//                                           start(data) runs as the handler, done() when the job's end is recorded
import { createInterface } from 'node:readline';

export const MAIL = { to: 'user@example.com', subject: 'Welcome', n: 1 };

/** The same mail with a subject so long that its JSON has this many bytes. */
export function mailOf(bytes) {
  const rest = JSON.stringify({ ...MAIL, subject: '' }).length;
  return { ...MAIL, subject: 'Welcome'.padEnd(bytes - rest, '.').slice(0, bytes - rest) };
}

export const secondsSince = (start) => Number(process.hrtime.bigint() - start) / 1e9;
export const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

export async function using(resource, body) {
  try {
    return await body(resource);
  } finally {
    await resource.close();
  }
}

/** So many loops that each add one job after the other. */
function enqueueSingle(driver, { seconds, inFlight }) {
  return driver.producer().then((producer) =>
    using(producer, async () => {
      let added = 0;
      const start = process.hrtime.bigint();
      const until = start + BigInt(Math.round(seconds * 1e9));
      const loop = async () => {
        while (process.hrtime.bigint() < until) {
          await producer.add(MAIL);
          added++;
        }
      };
      await Promise.all(Array.from({ length: inFlight }, loop));
      return { value: added / secondsSince(start) };
    }),
  );
}

/** Batches, with the next on its way while one is answered. */
function enqueueBulk(driver, { seconds, batch, inFlight }) {
  return driver.producer().then((producer) =>
    using(producer, async () => {
      const mails = Array.from({ length: batch }, () => MAIL);
      let added = 0;
      const start = process.hrtime.bigint();
      const until = start + BigInt(Math.round(seconds * 1e9));
      const loop = async () => {
        while (process.hrtime.bigint() < until) {
          await producer.addMany(mails);
          added += batch;
        }
      };
      await Promise.all(Array.from({ length: inFlight }, loop));
      return { value: added / secondsSince(start) };
    }),
  );
}

async function store(driver, { jobs, bytes, delayMillis }) {
  const producer = await driver.producer();
  await using(producer, async () => {
    const mails = Array.from({ length: Math.min(1000, jobs) }, () => mailOf(bytes));
    for (let stored = 0; stored < jobs; stored += mails.length) {
      await (delayMillis > 0 ? producer.addDelayed(mails, delayMillis) : producer.addMany(mails));
    }
  });
  return { value: jobs };
}

/** From the first start to the last recorded end. */
async function run(driver, { jobs, concurrency }) {
  await store(driver, { jobs, bytes: 51, delayMillis: 0 });
  let first = 0n;
  let ended = 0;
  let resolve;
  const all = new Promise((done) => (resolve = done));
  const worker = await driver.worker(
    concurrency,
    () => {
      first ||= process.hrtime.bigint();
    },
    () => {
      if (++ended === jobs) {
        resolve(jobs / secondsSince(first));
      }
    },
  );
  return using(worker, async () => ({ value: await all }));
}

/** One job at a time: from before the enqueue to the first line of the handler. */
async function latency(driver, { samples, pauseMillis, warmup, concurrency }) {
  let started = 0n;
  let ended;
  const worker = await driver.worker(
    concurrency,
    () => {
      started = process.hrtime.bigint();
    },
    () => ended(),
  );
  const producer = await driver.producer();
  const waits = [];
  await using(worker, () =>
    using(producer, async () => {
      for (let i = 0; i < warmup + samples; i++) {
        const end = new Promise((resolve) => (ended = resolve));
        const before = process.hrtime.bigint();
        await producer.add(MAIL);
        await end;
        if (i >= warmup) {
          waits.push(Number(started - before) / 1e3);
        }
        await pause(pauseMillis);
      }
    }),
  );
  return { p50: percentile(waits, 0.5), p99: percentile(waits, 0.99) };
}

/** The smallest of the values that this share of them does not exceed. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

const WORKS = { enqueue_single: enqueueSingle, enqueue_bulk: enqueueBulk, process: run, latency, store };

/** Answers until stdin ends. More works may be given by name, each a function of the request. */
export async function serve(driver, more = {}) {
  const works = { ...more };
  for (const [name, work] of Object.entries(WORKS)) {
    works[name] = (request) => work(driver, request);
  }
  const answer = (value) => process.stdout.write(JSON.stringify(value) + '\n');
  answer({ version: driver.version, node: process.version, features: Object.keys(more).length > 0 });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    try {
      answer(await works[request.work](request));
    } catch (error) {
      answer({ error: String(error?.stack ?? error) });
    }
  }
  process.exit(0);
}
