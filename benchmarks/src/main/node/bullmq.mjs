// BullMQ as its documentation shows it: one Queue, one Worker, removeOnComplete, no listener for events.
// Arguments: port of the Redis.
import { createRequire } from 'node:module';
import { Queue, Worker } from 'bullmq';
import { features } from './bullmq-features.mjs';
import { serve } from './peer.mjs';

const connection = { host: '127.0.0.1', port: Number(process.argv[2]), maxRetriesPerRequest: null };
const NAME = 'mail';
const require = createRequire(import.meta.url);
const versionOf = (name) => require(`${name}/package.json`).version;

const driver = {
  version: `bullmq ${versionOf('bullmq')} with ioredis ${versionOf('ioredis')}`,

  async producer() {
    const queue = new Queue(NAME, { connection, defaultJobOptions: { removeOnComplete: true } });
    await queue.waitUntilReady();
    return {
      add: (data) => queue.add(NAME, data),
      addMany: (list) => queue.addBulk(list.map((data) => ({ name: NAME, data }))),
      addDelayed: (list, delay) => queue.addBulk(list.map((data) => ({ name: NAME, data, opts: { delay } }))),
      close: () => queue.close(),
    };
  },

  async worker(concurrency, start, done) {
    const worker = new Worker(NAME, async (job) => start(job.data), {
      connection,
      concurrency,
      removeOnComplete: { count: 0 },
      autorun: false,
    });
    worker.on('completed', done);
    worker.on('error', (error) => console.error(error));
    await worker.waitUntilReady();
    worker.run();
    return { close: () => worker.close() };
  },
};

await serve(driver, features(connection));
