/*
 * `npm start`: stage `local` without containers, and without the framework, whose plugins take two seconds to load. In
 * JavaScript, because Node.js 20 runs no TypeScript.
 */

const { join } = require('node:path');
const { bundling, WORK_FOLDER } = require('../../esbuild.config.cjs');
const { replaceAwsSettings } = require('./framework.cjs');
const { loadTypeScript } = require('./loadTypeScript.cjs');

let running;
let endsSince;

/** A terminal sends Ctrl-C to all processes, and npm passes it on too. A second signal within this time is the same Ctrl-C. */
const SAME_SIGNAL_MS = 500;

/**
 * Stops what runs, and at the next signal stops waiting for it. An exit, unlike a process that a signal ends, removes
 * temporary folders.
 */
async function end(signal) {
  if (!running || signal === 'SIGHUP') process.exit(130);
  if (endsSince !== undefined) {
    if (Date.now() - endsSince < SAME_SIGNAL_MS) return;
    process.exit(130);
  }
  endsSince = Date.now();
  await running.stop();
  process.exit(0);
}

// Once and for all: Node.js drops a signal that has come when its only listener is replaced by another one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);

/** A killed npm passes no signal on. `exec` in package.json makes npm the parent, instead of a shell. */
const parent = process.ppid;
const orphaned = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(orphaned);
  end('SIGTERM');
}, 500).unref();

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
