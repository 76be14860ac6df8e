// What is measured of BullMQ beyond plain jobs, as its documentation shows it, and with removeOnComplete where nobody
// asks for the result.
import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { FlowProducer, Queue, QueueEvents, Worker } from 'bullmq';
import { MAIL, pause, percentile, secondsSince, using } from './peer.mjs';

const NAME = 'mail';
const BATCH = 1000;
/** Flows in one request. */
const FLOWS = 50;
const OF_A_FLOW = { name: NAME, queueName: NAME, data: MAIL, opts: { removeOnComplete: true } };
/** Finished jobs that are kept where a caller waits for the result: it looks for the job after having stored it. */
const KEPT = { count: 1000 };

/** A worker in a process of its own, which lives as long as this one. Its answers are taken in the order they come. */
class OtherProcess {
  #answers = [];
  #waiting = [];
  #child;

  constructor() {
    this.#child = fork(createRequire(import.meta.url).resolve('./bullmq-worker.mjs'), process.argv.slice(2));
    this.#child.on('message', (answer) => {
      const taker = this.#waiting.shift();
      taker ? taker(answer) : this.#answers.push(answer);
    });
    this.#child.on('exit', (code) => {
      console.error(`the other process ended with ${code}`);
      process.exit(1);
    });
  }

  answer() {
    return this.#answers.length > 0
      ? Promise.resolve(this.#answers.shift())
      : new Promise((resolve) => this.#waiting.push(resolve));
  }

  ask(request) {
    this.#child.send(request);
    return this.answer();
  }
}

/** The works by name. */
export function features(connection) {
  const queueOf = async (removeOnComplete) => {
    const queue = new Queue(NAME, { connection, defaultJobOptions: { removeOnComplete } });
    await queue.waitUntilReady();
    return queue;
  };
  let other;

  /** Medians of what is measured one job at a time while a worker runs in the other process. */
  async function oneByOne({ samples, pauseMillis, warmup, concurrency }, echo, measure) {
    other ??= new OtherProcess();
    await other.ask({ work: 'start', concurrency, echo });
    const waits = [];
    for (let i = 0; i < warmup + samples; i++) {
      const micros = await measure(other);
      if (i >= warmup) {
        waits.push(micros);
      }
      await pause(pauseMillis);
    }
    await other.ask({ work: 'stop' });
    return { value: percentile(waits, 0.5) };
  }

  /** Stores in batches, with the next on its way while one is answered. */
  async function storeAll(queue, jobs, optionsOf) {
    let next = 0;
    const loop = async () => {
      while (next < jobs) {
        const from = next;
        next += BATCH;
        const size = Math.min(BATCH, jobs - from);
        await queue.addBulk(
          Array.from({ length: size }, (_, i) => ({ name: NAME, data: MAIL, opts: optionsOf(from + i) })),
        );
      }
    };
    await Promise.all([loop(), loop()]);
  }

  /** A worker that is ready and takes no jobs before it is run. */
  async function workerOf(concurrency, handler) {
    const worker = new Worker(NAME, handler, {
      connection,
      concurrency,
      removeOnComplete: { count: 0 },
      autorun: false,
    });
    worker.on('error', (error) => console.error(error));
    await worker.waitUntilReady();
    return worker;
  }

  /** Resolves with the time when the end of so many jobs is recorded. */
  function ended(worker, jobs) {
    let count = 0;
    return new Promise((resolve) =>
      worker.on('completed', () => {
        if (++count === jobs) {
          resolve(process.hrtime.bigint());
        }
      }),
    );
  }

  /**
   * Jobs per second of what `store` stores, which gives how many jobs there are: from the first start, or from when the
   * jobs are due if the worker waits for that, to the last recorded end; with the time of storing if it counts.
   */
  async function through(concurrency, store, handler, isStoringCounted, due = 0n) {
    const queue = await queueOf(true);
    const before = process.hrtime.bigint();
    const jobs = await using(queue, () => store(queue));
    const storing = isStoringCounted ? secondsSince(before) : 0;
    let first = 0n;
    const worker = await workerOf(concurrency, async (job) => {
      first ||= process.hrtime.bigint();
      return handler(job);
    });
    return using(worker, async () => {
      const all = ended(worker, jobs);
      const isWaiting = process.hrtime.bigint() < due;
      worker.run();
      const last = await all;
      return { value: jobs / (storing + Number(last - (isWaiting ? due : first)) / 1e9) };
    });
  }

  /** As through, of so many jobs in flows of one shape. The jobs give their data and do not read what others gave. */
  function flows(concurrency, jobs, size, flow) {
    const store = async () => {
      const producer = new FlowProducer({ connection });
      await producer.waitUntilReady();
      await using(producer, async () => {
        let next = 0;
        const loop = async () => {
          while (next < jobs / size) {
            const count = Math.min(FLOWS, jobs / size - next);
            next += count;
            await producer.addBulk(Array.from({ length: count }, () => flow));
          }
        };
        await Promise.all([loop(), loop()]);
      });
      return jobs;
    };
    return through(concurrency, store, (job) => job.data, true);
  }

  return {
    async latency_other(request) {
      const queue = await queueOf(true);
      return using(queue, () =>
        oneByOne(request, false, async (worker) => {
          const before = process.hrtime.bigint();
          await queue.add(NAME, MAIL);
          const { started } = await worker.answer();
          return Number(BigInt(started) - before) / 1e3;
        }),
      );
    },

    async roundtrip(request) {
      const queue = await queueOf(KEPT);
      const events = new QueueEvents(NAME, { connection });
      await events.waitUntilReady();
      return using(queue, () =>
        using(events, () =>
          oneByOne(request, true, async () => {
            const before = process.hrtime.bigint();
            const job = await queue.add(NAME, MAIL);
            const result = await job.waitUntilFinished(events);
            const micros = Number(process.hrtime.bigint() - before) / 1e3;
            if (result.to !== MAIL.to) {
              throw new Error(`not the result: ${JSON.stringify(result)}`);
            }
            return micros;
          }),
        ),
      );
    },

    /** The worker starts before the jobs are due, unless storing them took that long. */
    async delayed({ jobs, concurrency, delayMillis }) {
      // Read first, so that no job starts before it.
      const due = process.hrtime.bigint() + BigInt(delayMillis) * 1_000_000n;
      const dueMillis = Date.now() + delayMillis;
      const store = async (queue) => {
        await storeAll(queue, jobs, () => ({ delay: Math.max(1, dueMillis - Date.now()) }));
        return jobs;
      };
      return through(concurrency, store, () => {}, true, due);
    },

    /** Ten levels in turn, of which 0 is no priority. */
    priority({ jobs, concurrency }) {
      const store = async (queue) => {
        await storeAll(queue, jobs, (i) => ({ priority: i % 10 }));
        return jobs;
      };
      return through(concurrency, store, () => {}, true);
    },

    /** Each key twice in a row: half of the jobs are duplicates. */
    async unique({ seconds }) {
      const queue = await queueOf(true);
      return using(queue, async () => {
        const start = process.hrtime.bigint();
        const until = start + BigInt(Math.round(seconds * 1e9));
        let offered = 0;
        const loop = async () => {
          while (process.hrtime.bigint() < until) {
            const from = offered;
            offered += BATCH;
            await queue.addBulk(
              Array.from({ length: BATCH }, (_, i) => ({
                name: NAME,
                data: MAIL,
                opts: { deduplication: { id: `mail:${(from + i) >> 1}` } },
              })),
            );
          }
        };
        await Promise.all([loop(), loop()]);
        const value = offered / secondsSince(start);
        const waiting = await queue.getWaitingCount();
        if (waiting !== offered / 2) {
          throw new Error(`${waiting} of ${offered} jobs were stored, not half of them`);
        }
        return { value };
      });
    },

    /** The first run of each job fails. */
    retry({ jobs, concurrency }) {
      const store = async (queue) => {
        await storeAll(queue, jobs, () => ({ attempts: 2 }));
        return jobs;
      };
      const handler = (job) => {
        if (job.attemptsMade === 0) {
          throw new Error('the first run fails');
        }
      };
      return through(concurrency, store, handler, false);
    },

    /** Each step is the only child of the one behind it. */
    chains({ jobs, size, concurrency }) {
      const chain = Array.from({ length: size - 1 }).reduce((child) => ({ ...OF_A_FLOW, children: [child] }), OF_A_FLOW);
      return flows(concurrency, jobs, size, chain);
    },

    /** A parent that waits for its children. */
    groups({ jobs, size, concurrency }) {
      const group = { ...OF_A_FLOW, children: Array.from({ length: size }, () => OF_A_FLOW) };
      return flows(concurrency, jobs, size + 1, group);
    },
  };
}
