/*
 * `npm start`: stage `local` without containers, and without the framework, whose plugins take two seconds to load. In
 * JavaScript, because Node.js 20 runs no TypeScript.
 */

const { join } = require('node:path');
const { bundling, WORK_FOLDER } = require('../../esbuild.config.cjs');
const { replaceAwsSettings } = require('./framework.cjs');
const { loadTypeScript } = require('./loadTypeScript.cjs');

/** An exit, unlike a process that a signal ends, removes temporary folders. */
const exit = () => process.exit(130);
const ENDS = ['SIGINT', 'SIGTERM'];
for (const signal of [...ENDS, 'SIGHUP']) process.on(signal, exit);

replaceAwsSettings();

async function start() {
  const main = loadTypeScript('main');
  // What it needs first is loaded while esbuild, another process, bundles it.
  require('serverless/lib/configuration/read');
  require('serverless/lib/configuration/variables');
  const { startPipeline } = await main;
  const pipeline = await startPipeline({ bundling, folder: join(__dirname, '../..', WORK_FOLDER, 'functions') });
  for (const signal of ENDS) {
    process.off(signal, exit);
    process.once(signal, async () => {
      process.on(signal, exit);
      await pipeline.stop();
      process.exit(0);
    });
  }
}

start().catch(({ message }) => {
  console.error(message);
  process.exit(1);
});
