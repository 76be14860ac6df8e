// Bee-Queue with what its documentation recommends for speed: no events over Redis, jobs not kept in memory, finished
// ones removed. Arguments: port of the Redis.
import { createRequire } from 'node:module';
import Queue from 'bee-queue';
import { serve } from './peer.mjs';

const NAME = 'mail';
const settings = {
  redis: { host: '127.0.0.1', port: Number(process.argv[2]) },
  getEvents: false,
  sendEvents: false,
  storeJobs: false,
  removeOnSuccess: true,
};
const version = createRequire(import.meta.url)('bee-queue/package.json').version;

await serve({
  version: `bee-queue ${version}`,

  async producer() {
    const queue = new Queue(NAME, { ...settings, isWorker: false });
    await queue.ready();
    return {
      add: (data) => queue.createJob(data).save(),
      addMany: (list) => saveAll(queue, list.map((data) => queue.createJob(data))),
      addDelayed: (list, delay) =>
        saveAll(queue, list.map((data) => queue.createJob(data).delayUntil(Date.now() + delay))),
      close: () => queue.close(),
    };
  },

  async worker(concurrency, start, done) {
    const queue = new Queue(NAME, { ...settings, isWorker: true });
    await queue.ready();
    queue.on('succeeded', done);
    queue.on('error', (error) => console.error(error));
    queue.process(concurrency, async (job) => start(job.data));
    return { close: () => queue.close() };
  },
});

async function saveAll(queue, jobs) {
  const failures = await queue.saveAll(jobs);
  if (failures.size > 0) {
    throw [...failures.values()][0];
  }
}
