const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { build } = require('esbuild');
const {
  EMULATOR_ACCESS,
  emptyArchive,
  endWithoutStack,
  leaveOutContainerImages,
  leaveOutErrorsOfReplays,
  leaveOutValidation,
  letSignalsEndBundling,
  replaceAwsSettings,
  showPlaces,
} = require('./framework.cjs');

/** Commands that ask AWS, or LocalStack on the stages that are deployed there. */
const DEPLOYMENT_COMMANDS = [
  'deploy',
  'deploy function',
  'deploy list',
  'info',
  'invoke',
  'logs',
  'remove',
  'rollback',
];

/** Commands after which serverless-esbuild leaves a copy of each function. */
const PACKAGING_COMMANDS = ['deploy', 'deploy function', 'package'];

/** serverless-offline would print all routes between our own lines, twice each, at any log level. */
const { log } = console;

/** serverless-offline handles these once it runs, and ends everything in order. */
const ENDS_START = ['SIGINT', 'SIGTERM'];

/** An exit, unlike a process that a signal ends, removes temporary folders. */
const exit = () => process.exit(130);
const exitOnSignals = () => {
  for (const signal of [...ENDS_START, 'SIGHUP']) process.on(signal, exit);
};

/**
 * Stage `local` without containers, and checks before a deployment:
 *
 * - `serverless offline start` (`npm start`) also starts Redis, the queues, and the polling that feeds functions from them
 * - `serverless invoke local` ends, although a connection to Redis is open, and works without an archive
 * - `serverless deploy` looks for LocalStack first, and shows where everything is
 * - `serverless remove` works without ECR, without a stack, and with a full archive
 * - nothing is packaged with a setting that cannot work
 *
 * In JavaScript, because the framework loads plugins with require().
 */
module.exports = class LocalPlugin {
  constructor(serverless) {
    const { service } = serverless;
    const command = serverless.processedInput.commands.join(' ');
    const isOnLocalStack = service.custom.localstack.stages.includes(service.provider.stage);
    const isStart = command === 'offline start';
    if (isOnLocalStack) replaceAwsSettings();
    if (isStart) {
      leaveOutValidation(serverless);
      leaveOutErrorsOfReplays();
      letSignalsEndBundling(serverless);
    } else if (PACKAGING_COMMANDS.includes(command)) removeTemporaryFiles();
    let starting;
    let pipeline;
    this.hooks = {
      // The hooks of `invoke local` and `remove` are too late: the framework has read the environment, or asked for the stack.
      initialize: async () => {
        // Not awaited, so that functions are bundled meanwhile.
        if (isStart) starting = startPipeline(serverless);
        if (command === 'invoke local' && service.provider.stage === 'local') {
          Object.assign(service.provider.environment, EMULATOR_ACCESS);
          const { useServersOfThisMachine } = await load('invokeLocal');
          await useServersOfThisMachine(serverless);
        }
        if (isOnLocalStack && DEPLOYMENT_COMMANDS.includes(command)) await check('localStack', 'localStackProblem');
        if (isOnLocalStack && /^deploy( function)?$/.test(command)) {
          await check('localStack', 'redisSettingProblem', service.provider.environment.REDIS_URL);
        }
        if (command === 'remove') await endWithoutStack(serverless.getProvider('aws'));
      },
      // Wait only now that the functions are bundled: a bundler that is interrupted prints long errors.
      'before:offline:start:init': async () => {
        pipeline = await starting;
        if (pipeline instanceof Error) fail(pipeline.message);
        console.log = () => {};
      },
      'after:offline:start:init': () => {
        console.log = log;
        for (const signal of ENDS_START) process.off(signal, exit);
        pipeline.run();
      },
      'offline:functionsUpdated:cleanup': () => pipeline?.reloadFunctions(),
      'before:offline:start:end': () => pipeline?.stop(),
      'before:package:initialize': () => check('settings', 'settingsProblem', service),
      'after:invoke:local:invoke': () => process.exit(),
      'after:aws:info:gatherData': async () => {
        if (!isOnLocalStack) return;
        const { placesOf } = await load('localStack');
        showPlaces(serverless, placesOf(service.provider.stage, service.provider.environment.REDIS_URL));
      },
      'before:remove:remove': async () => {
        if (!isOnLocalStack) return;
        leaveOutContainerImages(serverless);
        await emptyArchive(serverless.getProvider('aws'));
      },
    };
  }
};

/** Puts all temporary files of this process into a folder that is removed when the process exits. */
function removeTemporaryFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'orders-package-'));
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  exitOnSignals();
}

/** @returns the pipeline, or the error of a part that did not start */
async function startPipeline(serverless) {
  exitOnSignals();
  Object.assign(serverless.service.provider.environment, EMULATOR_ACCESS);
  try {
    const { startLocalPipeline } = await load('pipeline');
    return await startLocalPipeline(serverless);
  } catch (error) {
    return error;
  }
}

/** Bundles and loads TypeScript, only for commands that need it. The hooks of tsx would take a second. */
async function load(name) {
  const outfile = join(__dirname, '../../.esbuild', `${process.pid}`, `${name}.mjs`);
  await build({
    entryPoints: [join(__dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    packages: 'external',
    loader: { '.lua': 'text' },
    platform: 'node',
    format: 'esm',
  });
  return import(outfile);
}

/** Ends the command with the sentence that a function in TypeScript returns, if it returns one. */
async function check(file, name, ...args) {
  const problem = await (await load(file))[name](...args);
  if (problem) fail(problem);
}

/** Does not throw: the framework would print a stack trace or lines about itself, and wait for open connections. */
function fail(message) {
  console.error(message);
  process.exit(1);
}
