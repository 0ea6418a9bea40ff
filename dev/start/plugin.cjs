const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { build } = require('esbuild');

/** Environment of whatever talks to an emulator on this machine, which takes any credentials. */
const EMULATOR_ACCESS = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  // Profiles are for AWS: one that is missing or has expired must not get in the way here.
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/** Commands that ask AWS, so LocalStack on the stages that are deployed there. */
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

/** What serverless-offline takes once it runs, and then ends everything in order. */
const ENDS_START = ['SIGINT', 'SIGTERM'];

/** An exit, unlike a process that a signal ends, removes temporary folders. */
const exit = () => process.exit(130);
const exitOnSignals = () => {
  for (const signal of [...ENDS_START, 'SIGHUP']) process.on(signal, exit);
};

/**
 * Stage `local` without containers. `serverless offline start` (`npm start`) gets Redis, the queues and what feeds
 * functions from them; `serverless invoke local` gets an end, as an open connection to Redis would keep it running;
 * `serverless remove` gets by without a service that LocalStack lacks, and without a stack. `serverless deploy` looks for
 * LocalStack first, and says where everything is. Nothing is packaged with a setting that cannot work.
 * In JavaScript, as the framework loads plugins with require().
 */
module.exports = class LocalPlugin {
  constructor(serverless) {
    const command = serverless.processedInput.commands.join(' ');
    if (isOnLocalStack(serverless)) replaceAwsSettings();
    if (command === 'offline start') {
      leaveOutValidation(serverless);
      letSignalsEndBundling(serverless);
    } else if (PACKAGING_COMMANDS.includes(command)) removeTemporaryFiles();
    let starting;
    let pipeline;
    this.hooks = {
      // The hooks of `invoke local` are too late: the framework has read the environment by then.
      initialize: async () => {
        // Not awaited, as functions are bundled meanwhile.
        if (command === 'offline start') starting = startPipeline(serverless);
        if (command === 'invoke local') useServersOfThisMachine(serverless.service);
        if (isOnLocalStack(serverless) && DEPLOYMENT_COMMANDS.includes(command)) await requireLocalStack();
        if (isOnLocalStack(serverless) && /^deploy( function)?$/.test(command)) await requireRedisUrl(serverless);
        // In the hooks of `remove` the framework has looked for the stack's usage plan already.
        if (command === 'remove') await endWithoutStack(serverless.getProvider('aws'));
      },
      // Bundled by now: a bundler that is cut off says so at length.
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
      'before:package:initialize': () => requireSettings(serverless),
      'after:invoke:local:invoke': () => process.exit(),
      'after:aws:info:gatherData': () => isOnLocalStack(serverless) && showPlaces(serverless),
      'before:remove:remove': () => isOnLocalStack(serverless) && leaveOutContainerImages(serverless),
    };
  }
};

/** Has all temporary files of this process in a folder that goes with it. */
function removeTemporaryFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'orders-package-'));
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  exitOnSignals();
}

/** What the shell says about AWS, such as a profile or a region, is not about an emulator. */
function replaceAwsSettings() {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_') && name !== 'AWS_ENDPOINT_URL') delete process.env[name];
  }
  Object.assign(process.env, EMULATOR_ACCESS);
}

/** It takes longer than Redis and the queues together. Whoever packages or deploys the service has it checked. */
function leaveOutValidation({ configSchemaHandler }) {
  configSchemaHandler.validateConfig = async () => {};
}

/** Ctrl-C ends the bundler too, and its error may come before the signal is handled here. */
function letSignalsEndBundling({ pluginManager }) {
  const esbuild = pluginManager.plugins.find((plugin) => plugin.constructor.name === 'EsbuildServerlessPlugin');
  const { bundle } = esbuild;
  esbuild.bundle = async (...args) => {
    try {
      return await bundle(...args);
    } catch (error) {
      await sleep(500);
      throw error;
    }
  };
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

/** Loads TypeScript, only for the commands that need it, in one file: the hooks of tsx would take a second. */
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

/** Not thrown: the framework would print a stack, or lines about itself, and wait for what is open already. */
function fail(message) {
  console.error(message);
  process.exit(1);
}

const isOnLocalStack = ({ service }) => service.custom.localstack.stages.includes(service.provider.stage);

async function requireLocalStack() {
  const { localStackProblem } = await load('localStack');
  const problem = await localStackProblem();
  if (problem) fail(problem);
}

async function requireRedisUrl({ service }) {
  const { redisSettingProblem } = await load('localStack');
  const problem = await redisSettingProblem(service.provider.environment.REDIS_URL);
  if (problem) fail(problem);
}

async function requireSettings({ service }) {
  const { settingsProblem } = await load('settings');
  const problem = settingsProblem(service);
  if (problem) fail(problem);
}

/** The framework prints this below its own lines about the deployment, without its second URL of the API. */
async function showPlaces(serverless) {
  const { placesOf } = await load('localStack');
  const { stage, environment } = serverless.service.provider;
  serverless.addServiceOutputSection('on LocalStack', placesOf(stage, environment.REDIS_URL));
  findPlugin(serverless, 'AwsInfo').gatheredData.info.endpoints = [];
}

/**
 * Where docker-compose.yml publishes Redis and LocalStack: `redis`, a name among containers, is unknown outside of them,
 * and SQS would otherwise be that of AWS. Queue URLs are made here, as the framework would ask CloudFormation for them.
 */
function useServersOfThisMachine({ provider, functions, resources }) {
  const { stage, environment } = provider;
  if (stage !== 'local') return;
  const endpoint = process.env.AWS_ENDPOINT_URL ?? 'http://localhost:4566';
  if (environment.REDIS_URL === 'redis://redis:6379') environment.REDIS_URL = 'redis://127.0.0.1:6379';
  Object.assign(environment, EMULATOR_ACCESS, { AWS_ENDPOINT_URL: endpoint });
  for (const settings of Object.values(functions).map((definition) => definition.environment ?? {})) {
    for (const [name, { Ref }] of Object.entries(settings)) {
      const queue = resources.Resources[Ref]?.Properties?.QueueName;
      if (queue) settings[name] = `${endpoint}/000000000000/${queue}`;
    }
  }
}

/**
 * `serverless remove` also looks for the container images of a service, in ECR. This one has none, and LocalStack's free
 * image has no ECR: its answer would end the command with an error, although the stack is gone.
 */
function leaveOutContainerImages(serverless) {
  findPlugin(serverless, 'AwsRemove').checkIfEcrRepositoryExists = async () => false;
}

const findPlugin = ({ pluginManager }, name) =>
  pluginManager.plugins.find((plugin) => plugin.constructor.name === name);

/** Ends `serverless remove` where there is nothing to remove, which the framework takes for an error. */
async function endWithoutStack(provider) {
  const StackName = provider.naming.getStackName();
  try {
    await provider.request('CloudFormation', 'describeStacks', { StackName });
  } catch (error) {
    if (!error.message.includes('does not exist')) throw error;
    console.log(`There is no stack ${StackName} in ${provider.getRegion()}, so there is nothing to remove.`);
    process.exit(0);
  }
}
