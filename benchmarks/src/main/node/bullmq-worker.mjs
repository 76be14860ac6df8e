// A BullMQ worker in a process of its own, for what is measured across processes. Requests come from the process that
// started it; when the end of a job that is no echo is recorded it sends when its handler began.
// Arguments: port of the Redis.
import { Worker } from 'bullmq';

const connection = { host: '127.0.0.1', port: Number(process.argv[2]), maxRetriesPerRequest: null };
let worker;

async function start({ concurrency, echo }) {
  let started;
  const measured = async () => {
    started = process.hrtime.bigint();
  };
  worker = new Worker('mail', echo ? async (job) => job.data : measured, {
    connection,
    concurrency,
    removeOnComplete: { count: echo ? 1000 : 0 },
    autorun: false,
  });
  worker.on('error', (error) => console.error(error));
  if (!echo) {
    worker.on('completed', () => process.send({ started: started.toString() }));
  }
  await worker.waitUntilReady();
  worker.run();
}

process.on('message', async (request) => {
  if (request.work === 'start') {
    await start(request);
  } else {
    await worker.close();
  }
  process.send({ done: request.work });
});
process.on('disconnect', () => process.exit(0));
