/*
 * `npm start`: stage `local` without containers, and without the framework, whose plugins take two seconds to load. In
 * JavaScript, because Node.js 20 runs no TypeScript.
 */

const { join } = require('node:path');
const { bundling, WORK_FOLDER } = require('../../esbuild.config.cjs');
const { replaceAwsSettings } = require('./framework.cjs');
const { loadTypeScript } = require('./loadTypeScript.cjs');

let running;

/** Stops what runs, the first time. An exit, unlike a process that a signal ends, removes temporary folders. */
async function end(signal) {
  const pipeline = running;
  running = undefined;
  if (!pipeline || signal === 'SIGHUP') process.exit(130);
  await pipeline.stop();
  process.exit(0);
}

// Once and for all: Node.js drops a signal that has come when its only listener is replaced by another one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);

replaceAwsSettings();

async function start() {
  const main = loadTypeScript('main');
  // What it needs first is loaded while esbuild, another process, bundles it.
  require('serverless/lib/configuration/read');
  require('serverless/lib/configuration/variables');
  const { startPipeline } = await main;
  running = await startPipeline({ bundling, folder: join(__dirname, '../..', WORK_FOLDER, 'functions') });
}

start().catch(({ message }) => {
  console.error(message);
  process.exit(1);
});
